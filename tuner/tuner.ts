/**
 * What `tune()` returns. The shell behind it is shell/running-tuner.ts. A tuner runs one session, and another
 * after it when it takes over from another process or loses its lease to one, or when the file of its
 * ledger was deleted, replaced or found damaged.
 */
import type { Settings } from '../src/contracts.ts';
import type { Summary } from './advice/summary.ts';
import type { Entry, Proposed, Remark } from './entries/entries.ts';
import type { SessionHistory } from './history.ts';
import type { TunerLedger } from './ledger.ts';
import type { Mode } from './options.ts';

/** What may be said of a stop. */
export interface StopOptions {
  /**
   * What asked the whole program to end, such as 'SIGINT': the ledger then has the session as interrupted.
   * @defaultValue nothing did; only the tuner is stopped
   */
  readonly interruptedBy?: string;
}

/** A running tuner: what it knows, what it asks, and how to end it. */
export interface Tuner extends AsyncDisposable {
  /** That of the session now: another one once its file is gone. */
  readonly ledger: TunerLedger;
  /**
   * The mode in force now: 'observe' while another process tunes or the ledger cannot be written, whatever
   * was asked for, and 'off' once the tuner has ended.
   */
  readonly mode: Mode;
  /** The last setting known to be good. */
  readonly anchor: Settings;
  /** The history of this session so far: trials, probes, recommendations, remarks. Windows are in the ledger. */
  readonly history: SessionHistory;
  /**
   * Tries `settings` (laid over what is in force) in a trial, whatever the predictors think of it. Modes
   * confirm and auto only. Resolves with the decision, or with 'not-decided' where the tuner ended first.
   * Rejects, and never throws, with a SandtuneError for what was wrong with the asking: ERR_SANDTUNE_KNOB for
   * an unknown knob or a value outside its domain, ERR_SANDTUNE_OPTION in a mode that changes nothing,
   * ERR_SANDTUNE_CLOSED once the tuner has ended. A rejection that nobody waits for ends no process.
   */
  propose(settings: Settings, reason?: string): Promise<Proposed>;
  /**
   * Mode confirm: the answer to an `ask` record. No answer within `maxDurationMs` is a no; one to what is not
   * asked does nothing. @throws {SandtuneError} ERR_SANDTUNE_OPTION
   */
  answer(trial: number, accept: boolean): void;
  /** Resolves when nothing is worth trying for now, or the tuner has ended. @throws what ended the loop early; ends no process where nobody waits for it */
  settled(): Promise<void>;
  /**
   * Calls `listener` with every entry of this session and of those that follow once it is in the ledger, the
   * earlier ones (without windows) first, which takes some turns of the event loop where they are many. The
   * function it returns ends that. The listener may call the tuner. What it throws becomes a process
   * warning, and changes no decision.
   */
  watch(listener: (entry: Entry) => void): () => void;
  /** Appends a remark for readers of the ledger. @throws {SandtuneError} ERR_SANDTUNE_OPTION for what is none */
  remark(remark: Remark): void;
  /** A summary of the windows measured so far at the setting in force. */
  summary(): Summary;
  /**
   * Ends on the anchor: at once where the knobs answer, and within 30 s whatever they do (where calls run
   * for longer than 5 s: four times as long as they do, two minutes at most; half a second more for each
   * knob that hangs). The ledger stays readable until it is disposed.
   * @throws {SandtuneError} ERR_SANDTUNE_KNOB when a knob is not on the anchor, with its name and value; what
   *   ended the tuner early was said, and is what `settled()` rejects with. ERR_SANDTUNE_OPTION for a wrong option
   */
  stop(options?: StopOptions): Promise<void>;
}

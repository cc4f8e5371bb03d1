/** What a tuner asks of its ledger, beyond what every ledger does. The one there is stands in ledger.ts. */
import type { Ledger, Settings } from '../src/contracts.ts';
import type { ChainFault } from '../src/store/chain.ts';
import type { HeldLease } from '../src/store/lease.ts';
import type { RunWriter } from '../src/store/reader.ts';
import type { StoreError } from '../src/store/store-error.ts';
import type { Entry } from './entries/entries.ts';
import type { KeptSession } from './history/kept.ts';
import type { CarryOver } from './history.ts';
import type { AnchorOfHolder, Stands } from './ledger-cells.ts';

/** A file that could not be used: of another version, damaged, or somebody else's. */
export interface LedgerSetAside {
  /** Where it is now. */
  readonly path: string;
  readonly reason: string;
  /** Its off switches and kept settings were read and hold on. */
  readonly carriedOver: boolean;
}

/** An executor with sessions in the ledger. */
export interface LedgerExecutor {
  readonly name: string;
  /** Its newest. */
  readonly session: number;
}

export interface TunerLedger extends Ledger<Entry>, Disposable, AsyncDisposable {
  readonly path: string;
  readonly setAside: LedgerSetAside | null;
  /** Puts what `stands` names in the same transaction, under the lease. */
  append(entries: readonly Entry[], stands?: Stands): void;
  /**
   * Resolves when all that was appended so far is on disk.
   * @throws {SandtuneError} ERR_SANDTUNE_STORE when it could not be written (it is tried again),
   *   ERR_SANDTUNE_LEASE when the lease claimed here was granted to somebody else meanwhile
   */
  durable(): Promise<void>;
  /** The newest session of this ledger's executor; null when there is none. */
  lastSession(): number | null;
  /** Entries of these kinds ('record:trial', 'event:done' …) of this executor's newest sessions, oldest first. */
  history(kinds: readonly string[], sessions: number): Iterable<Entry>;
  /** What the sessions of this executor leave to the next one. Reads one small text, whatever the ledger's size. */
  carriedOver(): CarryOver;
  /**
   * Asks to be the one that tunes, at once: for a start.
   * @param nowMs on a clock that only goes forward
   * @throws {SandtuneError} ERR_SANDTUNE_STORE, with trouble 'locked' when another process writes just now
   */
  claim(wallMs: number, nowMs: number): Claimed;
  /**
   * The same, asked by the writer's thread: for asking again and again, as whoever observes does. Holders
   * that stand still are found out by asking at least once in some seconds. @throws {SandtuneError} ERR_SANDTUNE_STORE
   */
  claimLater(wallMs: number, nowMs: number): Promise<Claimed>;
  /** Says that whoever claimed still tunes; resolves with false once somebody else does. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  renew(wallMs: number): Promise<boolean>;
  /** Leaves the lease to whoever asks next. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  release(): Promise<void>;
  /** Who tunes what from this ledger, holders that are gone included. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  leases(): readonly HeldLease[];
  /** @throws {SandtuneError} ERR_SANDTUNE_STORE, with trouble 'damaged' when what was switched cannot be known */
  isOff(): boolean;
  setOff(off: boolean): void;
  /** Executors that are switched off by name, on disk; '*' stands for all of them. @throws {SandtuneError} ERR_SANDTUNE_STORE, as `isOff` */
  switchedOff(): readonly string[];
  /** Whoever has sessions on disk, that of the newest first. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  executors(): readonly LedgerExecutor[];
  /** Who began a session, on disk; null for one that is not there. @throws {SandtuneError} ERR_SANDTUNE_STORE */
  writerOf(session: number): RunWriter | null;
  /** All of that, read by the writer's thread: for looking again and again. @throws {SandtuneError} ERR_SANDTUNE_STORE, as `isOff` */
  state(): Promise<LedgerState>;
  /**
   * Drops the oldest rows beyond the limits, in small steps; resolves with how many. Nothing is dropped while
   * `mayGoOn` returns false, nor once `signal` is aborted.
   * @throws {SandtuneError} ERR_SANDTUNE_STORE
   */
  prune(wallMs: number, options?: { readonly signal?: AbortSignal; readonly mayGoOn?: () => boolean }): Promise<number>;
  /** Runs `work`, whose reads all see the ledger as it is now, also while old rows of it are dropped. */
  asOfNow<T>(work: () => T): T;
  /** The rows that were altered, taken out or cut off since they were written. Reads all of the session, or of the ledger. */
  faults(session?: number): readonly ChainFault[];
  /** All that a report needs of the session last begun here, folded as it was appended; null when none was. */
  kept(): KeptSession | null;
  /** What keeps this ledger from being written, or whole; null while all is well. */
  readonly trouble: StoreError | null;
  /**
   * Calls `listener` when trouble begins, also when it began before, and not again until it was over. Where
   * `error.mayHeal`, writing is tried again and again, what is appended waits in order, and `onHealed` tells
   * when it is written again. Else (the file was deleted, replaced or found damaged) this ledger will never
   * be written again, and nothing more is told, be it the first trouble or one that followed another: end
   * the session, dispose of the ledger, and open another at the same place, which sets a damaged file aside
   * for the reason met here. The function it returns ends that.
   */
  onTrouble(listener: (error: StoreError) => void): () => void;
  /** Calls `listener` once for each trouble that is over. The function it returns ends that. */
  onHealed(listener: () => void): () => void;
}

export type Claimed = { readonly granted: true } | { readonly granted: false; readonly holder: string };

/** What stands in the ledger now. */
export interface LedgerState {
  readonly off: boolean;
  readonly anchor: Settings;
  /** Where the holder of the lease stands, as it wrote it; null when nobody has, or nobody knows that it lives. */
  readonly anchorOfHolder: AnchorOfHolder | null;
}

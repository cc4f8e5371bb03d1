/**
 * Reports and replays of ledgers on disk, for a program that has other work to do: a thread of its own
 * reads, folds and renders, and the host only takes the result.
 */
import { checkSignal } from '../../src/foundation/foreign-values.ts';
import { checkBoolean, checkInteger, checkKeys, checkPath, checkText } from '../../src/foundation/options.ts';
import type { ReportData, TrialData } from '../report/data.ts';
import type { Report } from '../report/report.ts';
import { onReadingThread } from './on-reading-thread.ts';
import type { Part } from './protocol.ts';
import type { StoredReplay } from './stored-replay.ts';

export type { StoredReplay } from './stored-replay.ts';

export interface StoredOptions {
  /** Number of the session. @defaultValue of a report the last one, of a replay all */
  readonly session?: number;
  /** Ends the reading; the promise then rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
}

export interface StoredReportOptions extends StoredOptions {
  /** Heading. @defaultValue the executor's name */
  readonly title?: string;
  /** Also replays the session, and shows what that found. @defaultValue false */
  readonly replay?: boolean;
}

export interface StoredReport extends Report {
  /** What the replay found; null when none was asked for, or the ledger has no session. */
  readonly replay: StoredReplay | null;
}

/**
 * The report of a session of a ledger on disk, with what its chain shows to be damaged (`data.damage`).
 * Nothing of the ledger is read on the caller's thread.
 * @param path the state folder, or the ledger's file
 * @throws {SandtuneError} ERR_SANDTUNE_LEDGER when there is no ledger or no thread to read it, ERR_SANDTUNE_STORE
 *   when the file cannot be read, ERR_SANDTUNE_OPTION for a wrong option or a session that is not there;
 *   the signal's reason when it is aborted
 */
export async function reportOf(path: string, options: StoredReportOptions = {}): Promise<StoredReport> {
  checkKeys('reportOf()', options, ['session', 'signal', 'title', 'replay']);
  const { title, replay = false } = options;
  const request = {
    kind: 'report',
    ...checkedStored(path, options),
    ...(title !== undefined && { title: checkText('title', title) }),
    replay: checkBoolean('replay', replay),
  } as const;
  const parts = new ReportParts();
  await onReadingThread(request, (part) => parts.take(part), options.signal);
  return parts.joined();
}

/**
 * Plays a ledger on disk again (`replay()` of sandtune/tuner) and checks its chain.
 * @param path the state folder, or the ledger's file
 * @throws {SandtuneError} as `reportOf()`; a replay that differs is a result, no error
 */
export async function replayOf(path: string, options: StoredOptions = {}): Promise<StoredReplay> {
  checkKeys('replayOf()', options, ['session', 'signal']);
  const parts = new ReportParts();
  await onReadingThread(
    { kind: 'replay', ...checkedStored(path, options) },
    (part) => parts.take(part),
    options.signal,
  );
  return parts.replay as StoredReplay;
}

function checkedStored(path: string, { session, signal }: StoredOptions): { path: string; session?: number } {
  if (signal !== undefined) checkSignal('signal', signal);
  return {
    path: checkPath('path', path, "the state folder, or the ledger's file, as text"),
    ...(session !== undefined && { session: checkInteger('session', session) }),
  };
}

class ReportParts {
  replay: StoredReplay | null = null;
  #data: ReportData | null = null;
  readonly #trials: TrialData[] = [];
  readonly #texts = { html: '', markdown: '', json: '' };

  take(part: Part): void {
    switch (part.of) {
      case 'replay':
        this.replay = part.replay;
        break;
      case 'data':
        this.#data = part.data;
        break;
      case 'trials':
        this.#trials.push(...part.trials);
        break;
      default:
        this.#texts[part.of] += part.text;
    }
  }

  joined(): StoredReport {
    return { data: { ...(this.#data as ReportData), trials: this.#trials }, ...this.#texts, replay: this.replay };
  }
}

/** Process warnings, for what somebody must learn who does not read the ledger. A tuner gives them by its announcer. */
import { printableLines } from '../../src/foundation/printable.ts';

export type WarningCode =
  /** A listener of `watch()` threw. */
  | 'SANDTUNE_LISTENER'
  /** A knob did not do what it was asked for. */
  | 'SANDTUNE_KNOB'
  /** Two executors of one name are tuned from one folder. */
  | 'SANDTUNE_NAME'
  /** The variable SANDTUNE_MODE says what is no mode, or holds a tuner to less than it was asked for. */
  | 'SANDTUNE_MODE'
  /** An executor gave a window that cannot be what happened, or none. */
  | 'SANDTUNE_WINDOW'
  /** Tuning ended, and nobody had asked this tuner to stop. */
  | 'SANDTUNE_ENDED'
  /** The ledger cannot be used, or not as it was. */
  | 'SANDTUNE_LEDGER'
  /** A tuner that was asked to tune only observes. */
  | 'SANDTUNE_OBSERVING'
  /** An anchor of the process that tunes is not in force here. */
  | 'SANDTUNE_FOLLOWING'
  /** Tuning is switched off in the ledger. */
  | 'SANDTUNE_OFF'
  /** There is no knob that may be moved. */
  | 'SANDTUNE_NO_KNOBS'
  /** No call has come yet. */
  | 'SANDTUNE_NO_CALLS';

const said = new Set<string>();

/** Once a process: it may have many tuners, and one environment. */
export function warnOnce(code: WarningCode, text: string): void {
  if (said.has(text)) return;
  said.add(text);
  warn(code, text);
}

/** How something is said: by `warn`, and in a tuner by its announcer. */
export type Say = (code: WarningCode, text: string) => void;

/** A limit of the goal broke, or is kept again: the ledger has a record of it, and needs no note. */
type LimitCode = 'SANDTUNE_LIMIT';

export function warn(code: WarningCode | LimitCode, text: string): void {
  try {
    process.emitWarning(printableLines(text), { type: 'SandtuneWarning', code });
  } catch {
    // The host has put a function of its own in that place, and it throws: what is said stands in the ledger all the same.
  }
}

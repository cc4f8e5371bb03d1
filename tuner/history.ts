/**
 * The reading of a ledger, in one place: a pure fold that takes entries one at a time.
 *
 *   entries (windows may be left out) ── extendHistory ──▶ History { sessions, each with its trials,
 *                                                          probes, recommendations, remarks }
 *   windows, one at a time, with their session ── extendWindows ──▶ SessionWindows: what a view
 *                                                          shows of them, without keeping them
 *   the entries of one session, windows included ── extendKept ──▶ KeptSession: both, which is all
 *                                                          that a report of the session needs
 *
 * All of them are plain data: stored after any entry and read back, they continue as if they had never stopped.
 * Sessions may be interleaved. An entry changes nothing if it cannot be read, if its kind is not known
 * here, or if the entry that begins its session was not read.
 */
import type { Entry } from './entries/entries.ts';
import { isReadable } from './history/readable.ts';
import { extendSession, type SessionHistory, sessionBegun } from './history/session.ts';

export type { CarriedSearch } from './history/carried-search.ts';
export {
  type Beginning,
  type CarriedItem,
  type CarryOver,
  carriedKinds,
  carryOverOf,
  extendCarryOver,
  metBy,
  nothingCarried,
  type OpenTrial,
} from './history/carry-over.ts';
export { awaitingAnswer, holdBackOf, pendingCommit, recommendedTrials } from './history/commits.ts';
export { extendKept, type KeptSession, nothingKept } from './history/kept.ts';
export type { SessionPhase } from './history/phase.ts';
export { isReadable } from './history/readable.ts';
export {
  extendSession,
  openTrial,
  type Probed,
  type SessionHistory,
  sessionBegun,
} from './history/session.ts';
export {
  endingOf,
  isJudged,
  isRunning,
  type Numbered,
  type TrialEnding,
  type TrialHistory,
  triggerOf,
} from './history/trial.ts';
export type { TurnsWaited } from './history/turns.ts';
export { bothSums, type FunctionSums, noWindows, okPerSecond, type WindowSums } from './history/window-sums.ts';
export {
  extendWindows,
  noSessionWindows,
  type ProbeValues,
  type SessionWindows,
  type StripCell,
  type TrialWindows,
  type WantsSums,
} from './history/windows.ts';

export interface History {
  /** In the order they began. */
  readonly sessions: readonly SessionHistory[];
}

export const emptyHistory: History = Object.freeze({ sessions: Object.freeze([]) });

/** The history after one more entry; the same object when the entry adds nothing. O(sessions + trials of its session). */
export function extendHistory(history: History, entry: Entry): History {
  if (!isReadable(entry)) return history;
  const at = history.sessions.findLastIndex((one) => one.entry.session === entry.session);
  const before = history.sessions[at];
  if (entry.kind === 'session') return before ? history : { sessions: [...history.sessions, sessionBegun(entry)] };
  if (!before) return history;
  const after = extendSession(before, entry);
  return after === before ? history : { sessions: history.sessions.with(at, after) };
}

export function historyOf(entries: Iterable<Entry>, before: History = emptyHistory): History {
  let history = before;
  for (const entry of entries) history = extendHistory(history, entry);
  return history;
}

export function sessionIn({ sessions }: History, session: number): SessionHistory | null {
  return sessions.findLast((one) => one.entry.session === session) ?? null;
}

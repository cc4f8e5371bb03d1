/**
 * One session of a ledger, read twice: for what it came to, then for its windows, of which only those
 * are summed up that are shown.
 */
import type { Ledger } from '../../../src/contracts.ts';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import {
  emptyHistory,
  extendHistory,
  extendWindows,
  historyOf,
  noSessionWindows,
  type SessionHistory,
  type SessionWindows,
  sessionIn,
  type WantsSums,
} from '../../../tuner/history.ts';

/**
 * @param wanted number of the session; the last one when left out
 * @returns null for a ledger without any session
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION when there are sessions but not the wanted one
 */
export function readSession(ledger: Ledger<Entry>, wanted?: number): SessionHistory | null {
  const chosen = wanted ?? begunIn(ledger).at(-1);
  if (chosen === undefined) return null;
  const session = sessionIn(historyOf(ledger.read({ session: chosen, windows: false })), chosen);
  if (session || wanted === undefined) return session;
  const all = begunIn(ledger);
  const choice = all.length === 0 ? 'an empty ledger' : all.join(', ');
  throw new SandtuneError(
    'ERR_SANDTUNE_OPTION',
    `session: expected one of the ledger's sessions (${choice}), got ${wanted}`,
  );
}

/** Numbers of the sessions, in the order they began. What else a ledger of years holds of them is not kept. */
function begunIn(ledger: Ledger<Entry>): readonly number[] {
  let history = emptyHistory;
  for (const entry of ledger.read({ windows: false }))
    if (entry.kind === 'session') history = extendHistory(history, entry);
  return history.sessions.map((one) => one.entry.session);
}

/** A window belongs to what was under way when it came in, so the session is folded once more beside them. */
export function readWindows(ledger: Ledger<Entry>, session: number, wants: WantsSums): SessionWindows {
  let history = emptyHistory;
  let windows = noSessionWindows;
  for (const entry of ledger.read({ session })) {
    history = extendHistory(history, entry);
    const soFar = sessionIn(history, session);
    if (soFar) windows = extendWindows(windows, soFar, entry, wants);
  }
  return windows;
}

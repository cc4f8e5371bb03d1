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
  const { sessions } = historyOf(ledger.read({ windows: false }));
  const session = wanted === undefined ? sessions.at(-1) : sessions.find((one) => one.entry.session === wanted);
  if (session || wanted === undefined) return session ?? null;
  const choice = sessions.length === 0 ? 'an empty ledger' : sessions.map((one) => one.entry.session).join(', ');
  throw new SandtuneError(
    'ERR_SANDTUNE_OPTION',
    `session: expected one of the ledger's sessions (${choice}), got ${wanted}`,
  );
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

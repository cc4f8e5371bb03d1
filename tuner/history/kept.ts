/**
 * All that a report of one session needs, folded from its entries one at a time: what a running tuner
 * keeps of its session, so that a report reads no ledger, and what a stored session is read into.
 *
 *   an entry ── isReadable ──▶ extendSession ──▶ history ─┐
 *                   │              its windows ──▶ windows ┴─▶ KeptSession
 *                   └── not ──▶ counted as unreadable
 */
import type { Entry } from '../entries/entries.ts';
import { isReadable } from './readable.ts';
import { extendSession, type SessionHistory, sessionBegun } from './session.ts';
import { noSessionWindows, type SessionWindows, withEntry } from './windows.ts';

export interface KeptSession {
  /** null until the entry that begins the session was read. */
  readonly history: SessionHistory | null;
  readonly windows: SessionWindows;
  /** Entries that were left out, because they cannot be read. */
  readonly unreadable: number;
}

export const nothingKept: KeptSession = Object.freeze({ history: null, windows: noSessionWindows, unreadable: 0 });

/**
 * With one more entry of the session. Of another session that begins, the fold begins anew; other entries
 * of another session add nothing.
 */
export function extendKept(kept: KeptSession, entry: Entry): KeptSession {
  if (!isReadable(entry)) return { ...kept, unreadable: kept.unreadable + 1 };
  const { history } = kept;
  if (entry.kind === 'session') {
    if (history?.entry.session === entry.session) return kept;
    return { ...nothingKept, history: sessionBegun(entry), unreadable: history ? 0 : kept.unreadable };
  }
  if (history?.entry.session !== entry.session) return kept;
  const extended = extendSession(history, entry);
  return { ...kept, history: extended, windows: withEntry(kept.windows, extended, entry) };
}

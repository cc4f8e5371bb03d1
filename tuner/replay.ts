/**
 * Plays the events of a session through `transition` again and compares every record with what the
 * ledger holds, to the byte. Needs neither clock nor executor.
 */
import type { Ledger, LedgerPart } from '../src/contracts.ts';
import type { Entry } from './entries/entries.ts';
import { initialState, type State } from './loop/state.ts';
import { transition } from './loop/transition.ts';

export interface Replay {
  readonly sessions: number;
  /** Sessions left out because old windows of theirs were dropped. */
  readonly pruned: number;
  readonly events: number;
  readonly records: number;
  readonly decisions: number;
  readonly identical: boolean;
  /** The first record that differs; null when all are the same. */
  readonly difference: {
    readonly session: number;
    readonly expected: string | null;
    readonly got: string | null;
  } | null;
}

/** A session while it is replayed: its state, and the records that must follow its last event. */
interface ReplayedSession {
  state: State;
  due: string[];
}

/** @param only replays this session; all of them when left out. Sessions may be interleaved. */
export function replay(ledger: Ledger<Entry>, only?: number): Replay {
  const part: LedgerPart = only === undefined ? {} : { session: only };
  const pruned = prunedSessions(ledger, part);
  const counts = { sessions: 0, pruned: pruned.size, events: 0, records: 0, decisions: 0 };
  const replayed = new Map<number, ReplayedSession>();
  const differs = (session: number, expected: string | null, got: string | null): Replay => ({
    ...counts,
    identical: false,
    difference: { session, expected, got },
  });
  for (const entry of ledger.read(part)) {
    const { session } = entry;
    if (entry.kind === 'session' && (only === undefined || only === session) && !pruned.has(session)) {
      replayed.set(session, { state: initialState(entry), due: [] });
      counts.sessions++;
    }
    const here = replayed.get(session);
    if (here === undefined) continue;
    if (entry.kind === 'event') {
      if (here.due.length > 0) return differs(session, null, here.due[0] ?? null);
      const step = transition(here.state, entry.event, entry.sinceMs);
      here.state = step.state;
      here.due = step.records.map((record) => JSON.stringify(record));
      counts.events++;
    } else if (entry.kind === 'record') {
      const expected = JSON.stringify(entry.record);
      const got = here.due.shift() ?? null;
      if (got !== expected) return differs(session, expected, got);
      counts.records++;
      if (entry.record.kind === 'decision') counts.decisions++;
    }
  }
  for (const [session, { due }] of replayed) if (due.length > 0) return differs(session, null, due[0] ?? null);
  return { ...counts, identical: true, difference: null };
}

function prunedSessions(ledger: Ledger<Entry>, part: LedgerPart): ReadonlySet<number> {
  const sessions = new Set<number>();
  for (const entry of ledger.read({ ...part, windows: false }))
    if (entry.kind === 'remark' && entry.remark.kind === 'pruned') sessions.add(entry.session);
  return sessions;
}

/**
 * Plays the events of a session through `transition` again and compares every record with what the
 * ledger holds, to the byte. Needs neither clock nor executor.
 *
 *   outline of the ledger ──▶ its sessions ── one after the other ──▶ replaySession ──▶ Replay
 *
 * One session is played at a time and one entry is held at a time. A session of which a row was dropped
 * or cannot be read is not played, since what follows that row cannot come out the same.
 */
import type { Ledger, LedgerPart } from '../src/contracts.ts';
import { messageOf } from '../src/foundation/errors.ts';
import { checkInteger } from '../src/foundation/options.ts';
import { checkLedger } from './check-ledger.ts';
import type { Entry, TunerEvent } from './entries/entries.ts';
import { isReadable } from './history/readable.ts';
import { initialState, type State, type Step } from './loop/state.ts';
import { transition } from './loop/transition.ts';

export interface Replay {
  /** Sessions that were played. */
  readonly sessions: number;
  /** Sessions left out because old windows of theirs were dropped. */
  readonly pruned: number;
  /** Sessions left out because a row of theirs cannot be read. */
  readonly damaged: readonly number[];
  readonly events: number;
  readonly records: number;
  readonly decisions: number;
  /** True when every record came out the same and no session was damaged. */
  readonly identical: boolean;
  /** The first record that differs; null when all are the same. */
  readonly difference: ReplayDifference | null;
}

export interface ReplayDifference {
  readonly session: number;
  /** What the ledger holds; null when it holds nothing here. */
  readonly expected: string | null;
  /** What came out; null when nothing did. */
  readonly got: string | null;
}

/** A ledger. One that shows itself as it is at one moment is read so: what is pruned meanwhile is no difference. */
export interface ReplaySource extends Ledger<Entry> {
  asOfNow?<T>(work: () => T): T;
}

/**
 * Decides every recorded session again from its events, and compares what comes out with what was recorded, to the byte.
 * Reads the whole ledger; changes nothing.
 * @param only replays this session; all of them, in the order they began, when left out
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for what is no ledger, or no number of a session
 */
export function replay(ledger: ReplaySource, only?: number): Replay {
  checkLedger('replay()', 'replayOf()', ledger);
  if (only !== undefined) checkInteger('replay(): only', only);
  const play = () => played(ledger, only);
  return ledger.asOfNow ? ledger.asOfNow(play) : play();
}

function played(ledger: Ledger<Entry>, only: number | undefined): Replay {
  const outline = outlineOf(ledger, only === undefined ? {} : { session: only });
  const damaged = [...outline.damaged].filter((session) => !outline.pruned.has(session));
  const counts = { sessions: 0, events: 0, records: 0, decisions: 0 };
  let difference: ReplayDifference | null = null;
  for (const session of outline.sessions) {
    if (outline.pruned.has(session) || outline.damaged.has(session)) continue;
    const one = replaySession(ledger.read({ session }), session);
    if (one === 'damaged') {
      damaged.push(session);
      continue;
    }
    counts.sessions++;
    counts.events += one.events;
    counts.records += one.records;
    counts.decisions += one.decisions;
    difference = one.difference;
    if (difference) break;
  }
  const { pruned } = outline;
  return {
    ...counts,
    pruned: pruned.size,
    damaged,
    identical: difference === null && damaged.length === 0,
    difference,
  };
}

interface Outline {
  /** In the order they began. */
  readonly sessions: ReadonlySet<number>;
  readonly pruned: ReadonlySet<number>;
  /** Some have lost the row that begins them. */
  readonly damaged: ReadonlySet<number>;
}

function outlineOf(ledger: Ledger<Entry>, part: LedgerPart): Outline {
  const [sessions, pruned, damaged] = [new Set<number>(), new Set<number>(), new Set<number>()];
  for (const entry of ledger.read({ ...part, windows: false })) {
    const { session } = entry;
    if (!isReadable(entry)) {
      if (entry.kind !== 'remark') damaged.add(session);
    } else if (entry.kind === 'session') sessions.add(session);
    else if (entry.kind === 'remark') {
      if (entry.remark.kind === 'pruned') pruned.add(session);
    } else if (!sessions.has(session)) damaged.add(session);
  }
  return { sessions, pruned, damaged };
}

type Played = Pick<Replay, 'events' | 'records' | 'decisions' | 'difference'>;

function replaySession(entries: Iterable<Entry>, session: number): Played | 'damaged' {
  const counts = { events: 0, records: 0, decisions: 0 };
  const differs = (expected: string | null, got: string | null): Played => ({
    ...counts,
    difference: { session, expected, got },
  });
  let state: State | null = null;
  /** The records that must follow the last event. */
  let due: readonly string[] = [];
  for (const entry of entries) {
    // What the shell remarked for readers decides nothing.
    if (entry.kind === 'remark') continue;
    if (!isReadable(entry)) return 'damaged';
    if (entry.kind === 'session') state ??= initialState(entry);
    else if (state === null) return 'damaged';
    else if (entry.kind === 'event') {
      if (due.length > 0) return differs(null, due[0] ?? null);
      const step = stepped(state, entry.event, entry.sinceMs);
      if ('failure' in step) return differs(null, step.failure);
      state = step.state;
      due = step.records.map((record) => JSON.stringify(record));
      counts.events++;
    } else {
      const expected = JSON.stringify(entry.record);
      const [got = null, ...others] = due;
      if (got !== expected) return differs(expected, got);
      due = others;
      counts.records++;
      if (entry.record.kind === 'decision') counts.decisions++;
    }
  }
  return due.length > 0 ? differs(null, due[0] ?? null) : { ...counts, difference: null };
}

/** An event that was altered, or stands after a row that is gone, may be one that its phase has no answer to. */
function stepped(state: State, event: TunerEvent, sinceMs?: number): Step | { readonly failure: string } {
  try {
    return transition(state, event, sinceMs);
  } catch (error) {
    return { failure: `nothing, since the event fits no state: ${messageOf(error)}` };
  }
}

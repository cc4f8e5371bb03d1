/**
 * The history of one session: its entries, sorted by what they are about. It holds no windows (windows.ts
 * counts them), so it is the same whether the ledger still has them or not.
 *
 * A tuner runs for weeks and keeps its own history, so what each rest brings again (a reference, a reason,
 * a recommendation) is kept once: of equal ones only the newest, in the order in which these came. Trials,
 * probes and sweeps are all kept.
 *
 * What is kept has the number of its entry, so that whoever states it can name the place where it stands.
 */
import type { Settings } from '../../src/contracts.ts';
import type {
  Entry,
  EventEntry,
  RecordOf,
  Remark,
  RemarkOf,
  SessionEnding,
  SessionEntry,
  TunerEvent,
  TunerRecord,
} from '../entries/entries.ts';
import { endedAt } from '../entries/recalled.ts';
import { sameSettings, startOf } from '../entries/settings.ts';
import { sinceMsOf } from '../entries/since.ts';
import { isOfSameSettings, withNewest } from './newest.ts';
import { phaseOf, type SessionPhase } from './phase.ts';
import { type Numbered, type TrialHistory, trialBegun } from './trial.ts';
import { noWaits, type TurnsWaited, waitedUntil, waitedWith } from './turns.ts';

export interface SessionHistory {
  readonly entry: SessionEntry;
  /**
   * Entries so far, windows left out: the number of the newest. That of the session's own entry is 1, so that
   * number n is the n-th of `ledger.read({ session, windows: false })`, also once windows were dropped.
   */
  readonly entries: number;
  /** When its newest event other than a window came, in ms since it began; null before the first. */
  readonly lastMs: number | null;
  readonly phase: SessionPhase;
  /** `open`: no end is recorded; it still runs, or it was interrupted. */
  readonly ended: SessionEnding | 'open';
  /** The setting in force outside trials and probes. */
  readonly inForce: Settings;
  /** Where every revert returns. */
  readonly anchor: Settings;
  /** In the order they were begun, a/a trials and hold-backs included. Only the last can be open. */
  readonly trials: readonly TrialHistory[];
  /** The sealed prediction whose trial has not begun yet. */
  readonly sealed: Numbered<RecordOf<'sealed'>> | null;
  readonly probes: readonly Probed[];
  /** The first and the newest reference. */
  readonly baselines: readonly Numbered<RecordOf<'baseline'>>[];
  /** The newest record of the noise. */
  readonly noise: Numbered<RecordOf<'noise'>> | null;
  /** The newest recommendation of each setting. */
  readonly recommendations: readonly Numbered<RecordOf<'recommendation'>>[];
  /** The newest record for each setting and code. */
  readonly notTried: readonly Numbered<RecordOf<'not-tried'>>[];
  /** The newest back-off of each setting. */
  readonly backOffs: readonly RecordOf<'back-off'>[];
  /** What became of the newest anchor of the holder of the lease; null in a session that does not follow. */
  readonly followed: Numbered<RecordOf<'follow'>> | null;
  /** The newest failure. */
  readonly failure: Numbered<Extract<TunerEvent, { kind: 'failed' }>> | null;
  /** The newest patches of each setting. */
  readonly patches: readonly Numbered<RemarkOf<'patch'>>[];
  readonly sweeps: readonly Numbered<RemarkOf<'sweep'>>[];
  readonly notes: readonly RemarkOf<'note'>[];
  /** The newest remark on overhead. */
  readonly overhead: Numbered<RemarkOf<'overhead'>> | null;
  /** The newest remark on accounting. */
  readonly accounting: Numbered<RemarkOf<'accounting'>> | null;
  /** Waits for others who compared settings on this machine. */
  readonly turns: TurnsWaited;
  /** Windows dropped to keep the ledger small. */
  readonly prunedWindows: number;
}

/** A probe, and the setting in force that it was measured in turns with. */
export type Probed = Numbered<RecordOf<'probe'>> & { readonly from: Settings };

export function sessionBegun(entry: SessionEntry): SessionHistory {
  return {
    entry,
    entries: 1,
    lastMs: null,
    phase: 'observing',
    ended: 'open',
    inForce: startOf(entry),
    anchor: entry.anchor,
    trials: [],
    sealed: null,
    probes: [],
    baselines: [],
    noise: null,
    recommendations: [],
    notTried: [],
    backOffs: [],
    followed: null,
    failure: null,
    patches: [],
    sweeps: [],
    notes: [],
    overhead: null,
    accounting: null,
    turns: noWaits,
    prunedWindows: 0,
  };
}

/** The session after one more of its entries; the same object when that is a window. */
export function extendSession(before: SessionHistory, entry: Entry): SessionHistory {
  if (!isNumbered(entry)) return entry.kind === 'remark' ? handled(before, onRemark, entry.remark) : before;
  const session = { ...before, entries: before.entries + 1 };
  switch (entry.kind) {
    case 'event':
      return onEvent(session, entry);
    case 'record':
      return handled(session, onRecord, entry.record);
    case 'remark':
      return handled(session, onRemark, entry.remark);
    default:
      return session;
  }
}

/** Windows have no number, because they are dropped when space runs out, nor has what is said of that. */
function isNumbered(entry: Entry): boolean {
  if (entry.kind === 'event') return entry.event.kind !== 'measured';
  return entry.kind !== 'session' && (entry.kind !== 'remark' || entry.remark.kind !== 'pruned');
}

/** The trial that is not closed; null outside trials. */
export function openTrial({ trials }: SessionHistory): TrialHistory | null {
  const last = trials.at(-1);
  return last && !last.closed ? last : null;
}

type Handlers<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: (
    session: SessionHistory,
    item: Numbered<Extract<T, { readonly kind: K }>>,
  ) => SessionHistory;
};

/** The session after one item. An item whose kind is not known here, say of a later version, changes nothing. */
function handled<T extends { readonly kind: string }>(
  session: SessionHistory,
  handlers: Handlers<T>,
  item: T,
): SessionHistory {
  if (!Object.hasOwn(handlers, item.kind)) return session;
  const handler = handlers[item.kind as T['kind']] as (session: SessionHistory, item: Numbered<T>) => SessionHistory;
  return handler(session, { ...item, entryNumber: session.entries });
}

function onEvent(session: SessionHistory, entry: EventEntry): SessionHistory {
  const { event } = entry;
  if (event.kind === 'measured') return session;
  return {
    ...session,
    lastMs: sinceMsOf(entry, session.entry),
    ...(event.kind === 'stop' && { ended: event.interruptedBy === undefined ? 'stopped' : 'interrupted' }),
    ...(event.kind === 'off' && { ended: 'off' }),
    ...(event.kind === 'end' && { ended: event.why }),
    ...(event.kind === 'failed' && { failure: { ...event, entryNumber: session.entries } }),
  };
}

const onRecord: Handlers<TunerRecord> = {
  baseline: (session, record) => ({
    ...session,
    phase: 'choosing',
    // Where nothing is changed, somebody else may have set the knobs.
    inForce: record.settings,
    baselines: [...session.baselines.slice(0, 1), record],
  }),
  noise: (session, record) => ({ ...session, phase: 'choosing', noise: record }),
  recommendation: (session, record) => ({
    ...session,
    recommendations: withNewest(session.recommendations, record, isOfSameSettings),
  }),
  'not-tried': (session, record) => ({
    ...session,
    notTried: withNewest(session.notTried, record, (a, b) => a.code === b.code && isOfSameSettings(a, b)),
  }),
  probe: (session, record) => ({
    ...session,
    phase: 'probing',
    probes: [...session.probes, { ...record, from: session.inForce }],
  }),
  visit: (session) => session,
  'visits-void': (session) => session,
  sealed: (session, record) => ({ ...session, sealed: record }),
  trial: (session, record) => ({
    ...session,
    phase: 'trying',
    sealed: null,
    trials: [...closed(session).trials, trialBegun(record, session.sealed)],
  }),
  pair: (session, { trial, pair, waitsFor }) =>
    ofTrial(session, trial, (one) => ({ ...one, pairs: [...one.pairs, pair], waitsFor })),
  verdict: (session, { trial, result, entryNumber }) => {
    const judged = ofTrial(session, trial, (one) => ({
      ...one,
      result,
      verdictEntry: entryNumber,
      closed: one.closed || one.purpose === 'a/a',
    }));
    // No decision follows an a/a trial, so that its verdict ends the phase.
    return openTrial(session) && !openTrial(judged) ? { ...judged, phase: 'observing' } : judged;
  },
  ask: (session, { trial }) => ofTrial({ ...session, phase: 'asking' }, trial, (one) => ({ ...one, asked: true })),
  decision: (session, decision) =>
    ofTrial({ ...session, phase: 'choosing', inForce: decision.settings }, decision.trial, (one) => ({
      ...one,
      decision,
      closed: true,
    })),
  score: (session, score) => ofTrial(session, score.trial, (one) => ({ ...one, score })),
  intent: (session) => session,
  anchor: (session, { settings }) => ({
    ...withPassed(session, settings),
    phase: 'observing',
    inForce: settings,
    anchor: settings,
  }),
  'back-off': (session, record) => ({
    ...session,
    backOffs: withNewest(session.backOffs, record, isOfSameSettings),
  }),
  follow: (session, record) => {
    const { settings, outcome } = record;
    // An anchor that was refused changes nothing.
    if (outcome === 'refused') return { ...session, followed: record };
    const anchor = outcome === 'taken' ? settings : session.entry.anchor;
    const phase = sameSettings(anchor, session.entry.anchor) ? 'observing' : 'following';
    return { ...session, followed: record, phase, inForce: anchor, anchor };
  },
  // What was ruled out is no longer.
  shift: (session, { atMs }) => ({ ...session, backOffs: session.backOffs.map((one) => endedAt(one, atMs)) }),
  turn: (session, record) => ({
    ...session,
    phase: record.waitsFor === null ? 'choosing' : 'waiting',
    turns: waitedWith(session.turns, record),
  }),
  limit: (session) => session,
  'known-load': (session) => session,
  'knob-rest': (session) => session,
  // Whatever leads out of a wait ends it.
  phase: (session, record) => ({
    ...closed(session),
    phase: phaseOf(record),
    turns: waitedUntil(session.turns, session.entry.startedAtMs + (session.lastMs ?? 0)),
  }),
};

const onRemark: Handlers<Remark> = {
  patch: (session, remark) => ({ ...session, patches: withNewest(session.patches, remark, isOfSameSettings) }),
  sweep: (session, remark) => ({ ...session, sweeps: [...session.sweeps, remark] }),
  note: (session, remark) => ({ ...session, notes: [...session.notes, remark] }),
  overhead: (session, remark) => ({ ...session, overhead: remark }),
  accounting: (session, remark) => ({ ...session, accounting: remark }),
  pruned: (session, { windows }) => ({ ...session, prunedWindows: session.prunedWindows + windows }),
};

function ofTrial(
  session: SessionHistory,
  trial: number,
  change: (trial: TrialHistory) => TrialHistory,
): SessionHistory {
  const at = session.trials.findLastIndex((one) => one.trial === trial);
  const before = session.trials[at];
  return before ? { ...session, trials: session.trials.with(at, change(before)) } : session;
}

/** The session with its open trial closed. */
function closed(session: SessionHistory): SessionHistory {
  const open = openTrial(session);
  return open ? ofTrial(session, open.trial, (one) => ({ ...one, closed: true })) : session;
}

/** The commit that becomes the anchor is the last one of these settings; an open hold-back was about it. */
function withPassed(session: SessionHistory, anchor: Settings): SessionHistory {
  const commit = session.trials.findLast(
    (one) => one.decision?.decision === 'commit' && sameSettings(one.candidate, anchor),
  );
  const both = [commit, openTrial(session)];
  return both.reduce<SessionHistory>(
    (all, trial) => (trial ? ofTrial(all, trial.trial, (one) => ({ ...one, closed: true, passed: true })) : all),
    session,
  );
}

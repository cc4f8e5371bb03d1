/**
 * What the sessions of an executor leave to those that follow: the levels they spent, how good their
 * predictions were, which settings failed, what was proven under which load, what a search found and harmed
 * (carried-search.ts), and the trial that is under way. It is a pure fold over their entries, bounded in size, and plain data. The ledger keeps it up to date in the same transaction as the
 * entries (../ledger.ts), so that a start reads one small text, however long the history is.
 *
 * Only sessions that may change a setting count. One of them runs at a time, because it holds the lease.
 */
import type { Settings } from '../../src/contracts.ts';
import { isFlag, isNumber, listOf, objectOf, optional, orNull } from '../../src/foundation/shape.ts';
import type { Entry, PredictionScore, RuledOut, SessionEntry, TrialPurpose, TunerRecord } from '../entries/entries.ts';
import type { KnownLoad } from '../entries/known-load.ts';
import { knownLoadShape } from '../entries/known-load-shape.ts';
import { endedAt } from '../entries/recalled.ts';
import { sameSettings, settingsKey } from '../entries/settings.ts';
import { settingsShape } from '../entries/settings-shape.ts';
import { purposeShape, scoreFields } from '../entries/trial-shape.ts';
import { mayChange } from '../options.ts';
import { scoreAfterShift, scoreOfRecord } from '../predict/calibrate.ts';
import { afterLeaving, withKnown } from '../predict/known-loads.ts';
import { restsUntilMs } from '../predict/memory.ts';
import type { Spent } from '../trial/budget.ts';
import {
  type CarriedSearch,
  carriedSearchShape,
  searchAfterVisit,
  searchAfterVoid,
  searchMet,
} from './carried-search.ts';
import { isReadable } from './readable.ts';

export interface CarryOver {
  /** The session that came last; null before the first. */
  readonly session: number | null;
  /** How many sessions came. */
  readonly sessions: number;
  /** When the newest of them began, by their own clocks. Unix ms. */
  readonly starts: readonly number[];
  /** In the order of their trials. */
  readonly spent: readonly (Spent & CarriedItem)[];
  readonly scores: readonly (PredictionScore & CarriedItem)[];
  /** Of each setting the back-off that lasts longest. */
  readonly ruledOut: readonly (RuledOut & CarriedItem)[];
  /** What was proven under which load. */
  readonly known: readonly KnownLoad[];
  /** The trial that was begun and is not decided. */
  readonly open: OpenTrial | null;
  /** Absent before the first session that counts. */
  readonly search?: CarriedSearch;
}

/** What was written down at a time, by the clock of a session. */
export interface CarriedItem {
  readonly atMs: number;
  /** Of how many sessions it was the last: those that came later began after it, whatever their clocks say. */
  readonly session: number;
}

export interface OpenTrial {
  readonly trial: number;
  readonly purpose: TrialPurpose;
  readonly candidate: Settings;
  /** The level that it spends once it comes to a pair; null when it has, or spends none. */
  readonly spends: (Spent & CarriedItem) | null;
}

export const nothingCarried: CarryOver = Object.freeze({
  session: null,
  sessions: 0,
  starts: [],
  spent: [],
  scores: [],
  ruledOut: [],
  known: [],
  open: null,
});

/** Kinds of rows by which the fold can be made anew. Pairs are left out: a verdict tells their number. */
export const carriedKinds = [
  'session',
  'record:trial',
  'record:verdict',
  'record:decision',
  'record:score',
  'record:back-off',
  'record:known-load',
  'record:shift',
  'record:probe',
  'record:visit',
  'record:visits-void',
  'record:anchor',
  'record:phase',
] as const;

/** The newest of each that are kept. */
const most = { starts: 100, spent: 1000, scores: 200, ruledOut: 100 } as const;

/** With one more entry; the same object when the entry changes nothing. */
export function extendCarryOver(before: CarryOver, entry: Entry): CarryOver {
  if (entry.kind !== 'session' && (entry.kind !== 'record' || entry.session !== before.session)) return before;
  if (!isReadable(entry)) return before;
  if (entry.kind === 'record') return onRecord(before, entry.record);
  return mayChange(entry.options.mode) ? withSession(before, entry) : before;
}

function withSession(before: CarryOver, entry: SessionEntry): CarryOver {
  const { session, startedAtMs } = entry;
  const starts = [...before.starts, startedAtMs].slice(-most.starts);
  return { ...metBy(before, entry), session, sessions: before.sessions + 1, starts };
}

/** A session that begins, as far as it says what of all this counts for it. */
export type Beginning = Pick<SessionEntry, 'startedAtMs' | 'goal' | 'options' | 'anchor'>;

/** What was left, as a session that begins meets it: whatever was under way has ended, without a word. */
export function metBy(before: CarryOver, begins: Beginning): CarryOver {
  const session = before.sessions + 1;
  const ruledOut = diedUnder(before)
    .filter((settings) => !sameSettings(settings, begins.anchor))
    .reduce((all, settings) => withRuledOut(all, { ...afterDeath(all, settings, begins), session }), before.ruledOut);
  return { ...before, ruledOut, open: null, search: searchMet(before.search, begins, session) };
}

/** What was compared when the process of the session before ended without a word, which may have been its doing. */
function diedUnder({ open, search }: CarryOver): readonly Settings[] {
  return [...(open && open.purpose !== 'a/a' ? [open.candidate] : []), ...(search?.probe ? [search.probe] : [])];
}

/** As after a breaker: the first time may be bad luck, and counts as no failure. */
function afterDeath(
  ruledOut: readonly RuledOut[],
  settings: Settings,
  { startedAtMs: atMs, options }: Beginning,
): RuledOut {
  const before = ruledOut.find((one) => sameSettings(one.settings, settings));
  const failures = before ? before.failures + 1 : 0;
  return { settings, failures, atMs, untilMs: restsUntilMs(failures, atMs, options.restMs), ...kindOf(before) };
}

/** What is known of a setting besides how often it failed. */
function kindOf({
  left,
  stalled,
  harmedFrom,
}: Partial<RuledOut> = {}): Pick<RuledOut, 'left' | 'stalled' | 'harmedFrom'> {
  return { ...(left && { left }), ...(stalled && { stalled }), ...(harmedFrom && { harmedFrom }) };
}

function onRecord(before: CarryOver, record: TunerRecord): CarryOver {
  const { open, sessions: session } = before;
  switch (record.kind) {
    case 'trial': {
      const { trial, atMs, candidate, purpose, design } = record;
      const alpha = design.commitAlpha;
      const spends =
        purpose === 'candidate' && !design.audit && Number.isFinite(alpha) ? { atMs, alpha, session } : null;
      return { ...before, open: { trial, purpose, candidate, spends } };
    }
    case 'pair':
      return open?.trial === record.trial ? spending(before) : before;
    case 'verdict': {
      if (open?.trial !== record.trial) return before;
      // No decision follows an a/a trial.
      if (open.purpose === 'a/a') return { ...before, open: null };
      return record.result.pairs > 0 ? spending(before) : before;
    }
    case 'decision': {
      if (open?.trial !== record.trial) return before;
      return { ...givingBack(before, record.givesBack ?? 0), open: null };
    }
    case 'anchor':
    case 'phase':
      return open || before.search?.probe ? { ...withSearch(before, { probe: null }), open: null } : before;
    case 'score':
      return { ...before, scores: [...before.scores, { ...scoreOfRecord(record), session }].slice(-most.scores) };
    case 'shift':
      return {
        ...before,
        ruledOut: before.ruledOut.map((one) => endedAt(one, record.atMs)),
        scores: before.scores.map(scoreAfterShift),
      };
    case 'back-off': {
      const { ruledOut, known } = before;
      return {
        ...before,
        ruledOut: withRuledOut(ruledOut, { ...record, session }),
        ...(record.left && { known: afterLeaving(known, record.settings) }),
      };
    }
    case 'known-load':
      return { ...before, known: withKnown(before.known, record) };
    case 'probe': {
      const { settings: probe, tourBeganAtMs: beganAtMs } = record;
      return withSearch(before, {
        probe,
        ...(beganAtMs !== undefined && { tour: { beganAtMs, is: 'open' } }),
      });
    }
    case 'visit':
      return before.search ? { ...before, search: searchAfterVisit(before.search, record, session) } : before;
    case 'visits-void':
      return before.search ? { ...before, search: searchAfterVoid(before.search) } : before;
    default:
      return before;
  }
}

function withSearch(before: CarryOver, change: Partial<CarriedSearch>): CarryOver {
  return before.search ? { ...before, search: { ...before.search, ...change } } : before;
}

/** With the level of the open trial among those spent. */
function spending(before: CarryOver): CarryOver {
  const { open, spent } = before;
  return open?.spends
    ? { ...before, open: { ...open, spends: null }, spent: bounded([...spent, open.spends]) }
    : before;
}

/** With less of the level that the open trial has spent. */
function givingBack(before: CarryOver, givesBack: number): CarryOver {
  const last = before.spent.at(-1);
  if (!last || !(givesBack > 0) || before.open?.spends !== null) return before;
  const alpha = last.alpha - givesBack;
  return { ...before, spent: [...before.spent.slice(0, -1), ...(alpha > 0 ? [{ ...last, alpha }] : [])] };
}

/** Beyond the limit the two oldest become one, which spends what both did for as long as the younger. */
function bounded(spent: CarryOver['spent']): CarryOver['spent'] {
  const [first, second, ...rest] = spent;
  if (spent.length <= most.spent || !first || !second) return spent;
  return [{ ...second, atMs: Math.max(first.atMs, second.atMs), alpha: first.alpha + second.alpha }, ...rest];
}

function withRuledOut(before: CarryOver['ruledOut'], one: RuledOut & CarriedItem): CarryOver['ruledOut'] {
  const { settings, failures, atMs, untilMs, session } = one;
  if (![failures, atMs, untilMs].every(Number.isFinite)) return before;
  const key = settingsKey(settings);
  const known = before.find((other) => settingsKey(other.settings) === key);
  if (known && known.untilMs > untilMs) return before;
  const others = before.filter((other) => other !== known);
  const all = [...others, { settings, failures, atMs, untilMs, session, ...kindOf(one) }];
  return all.sort((a, b) => a.untilMs - b.untilMs).slice(-most.ruledOut);
}

const spentShape = objectOf<Spent & CarriedItem>({ atMs: isNumber, alpha: isNumber, session: isNumber });

const carryOverShape = objectOf<CarryOver>({
  session: orNull(isNumber),
  sessions: isNumber,
  starts: listOf(isNumber),
  spent: listOf(spentShape),
  scores: listOf(objectOf<PredictionScore & CarriedItem>({ ...scoreFields, session: isNumber })),
  ruledOut: listOf(
    objectOf<CarryOver['ruledOut'][number]>({
      settings: settingsShape,
      failures: isNumber,
      atMs: isNumber,
      untilMs: isNumber,
      session: isNumber,
      left: optional(isFlag),
      stalled: optional(isFlag),
      harmedFrom: optional(settingsShape),
    }),
  ),
  known: listOf(knownLoadShape),
  search: optional(carriedSearchShape),
  open: orNull(
    objectOf<OpenTrial>({
      trial: isNumber,
      purpose: purposeShape,
      candidate: settingsShape,
      spends: orNull(spentShape),
    }),
  ),
});

/** What the text of a cell holds; null when that is nothing of this kind. */
export function carryOverOf(text: string | null): CarryOver | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return carryOverShape(value) ? (value as CarryOver) : null;
  } catch {
    return null;
  }
}

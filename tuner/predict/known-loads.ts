/**
 * What was proven under a load is the first proposal when that load returns (../entries/known-load.ts says what is
 * kept, ../trial/load-signs.ts when two loads are alike). It goes through the start gates and a trial like any
 * other, spends as much, and its prediction is sealed and scored, so that a history that misleads is soon refused.
 *
 *   a new reference ─ choosing ─ look ─▶ { records: what became of those that are known, offer │ null }
 *   rest ─ isBack ─▶ a load that was not there when the rest began: a new reference is taken
 *
 * What failed under the same load, or was left for the configured default under what may be the same load, is forgotten, so
 * that each load costs one vain trial at the most until it is proven anew. Where the load only looks alike it may be
 * another one: what failed then waits for the end of its back-off, which doubles each time.
 */
import type { Proposal, Settings, Window } from '../../src/contracts.ts';
import { countText, percentText } from '../../src/foundation/units.ts';
import type { RecordOf, SessionEntry } from '../entries/entries.ts';
import type { KnownLoad, LoadSigns } from '../entries/known-load.ts';
import { changes, completeSettings, sameSettings } from '../entries/settings.ts';
import { goalNow } from '../trial/goal-now.ts';
import { likeness, sameKind } from '../trial/load-signs.ts';
import type { BackOff, RestingKnob } from './memory.ts';
import { type LoadFacts, signsHere } from './proven-under.ts';

interface Facts extends LoadFacts {
  readonly ruledOut: readonly BackOff[];
  readonly restingKnobs: readonly RestingKnob[];
}

/** When: on the session's own clock, and Unix ms, by which the hour is told. */
interface Moment {
  readonly nowMs: number;
  readonly atMs: number;
}

type Told = RecordOf<'known-load'>;

/** A load of which there is more than the look is believed more. */
const believed = { sure: 0.95, perhaps: 0.85 } as const;
/** Older ones are forgotten. */
const most = 32;
/** Newest windows at rest that are compared, a minute of them. */
const restWindows = 12;

/** With what a record says of one: it replaces an earlier one of the same proof. */
export function withKnown(known: readonly KnownLoad[], told: Omit<Told, 'kind'>): readonly KnownLoad[] {
  const { settings, under, gain, pGain, reached, atMs, left, doubtful } = told;
  const flags = { ...(left && { left }), ...(doubtful && { doubtful }) };
  const one = { settings, under, gain, pGain, reached, atMs, ...flags };
  const others = known.filter((other) => other.atMs !== atMs || !sameSettings(other.settings, settings));
  return told.is === 'forgotten' ? others : [...others, one].slice(-most);
}

/** After `settings` were left for the configured default: they went bad, or the load did. */
export function afterLeaving(known: readonly KnownLoad[], settings: Settings): readonly KnownLoad[] {
  return known.map((one) => (sameSettings(one.settings, settings) ? { ...one, left: true } : one));
}

/** Looks at a new reference. */
export function look(
  facts: Facts,
  { nowMs, atMs }: Moment,
): { readonly records: readonly Told[]; readonly offer: Proposal | null } {
  const now = facts.known.length > 0 ? signsHere(facts, facts.reference.windows, atMs) : null;
  if (now === null) return { records: [], offer: null };
  const records = facts.known.flatMap((one): readonly Told[] => {
    const like = likeness(one.under, now);
    if (!one.left)
      return like?.sure && hasFailed(facts, one, nowMs) ? [{ kind: 'known-load', is: 'forgotten', ...one }] : [];
    if (!sameSettings(one.under.inForce, now.inForce)) return [];
    const { left: _, ...kept } = one;
    return like || mayBeSame(facts, one, now)
      ? [{ kind: 'known-load', is: 'forgotten', ...one }]
      : [{ kind: 'known-load', is: 'kept', ...kept }];
  });
  const best = bestOf(facts, now, nowMs);
  return { records, offer: best && offerOf(best.one, best.sure, now) };
}

/**
 * Nothing but a better level says that the load is another one than that of the proof; and what was in force then may
 * have been worse off for what it, or the setting before it, had done.
 */
function mayBeSame(facts: Facts, { doubtful, under }: KnownLoad, now: LoadSigns): boolean {
  if (!doubtful || sameKind(under, now) === null || under.level === null || now.level === null) return false;
  const isMore = now.level.value > under.level.value;
  return goalNow(facts).objective.direction === 'maximize' ? isMore : !isMore;
}

/** A load that is known has come back at rest, so gently that nothing seemed to shift. */
export function isBack(facts: Facts & { readonly seen: readonly Window[] }, { nowMs, atMs }: Moment): boolean {
  const { known, seen, current, reference } = facts;
  if (!mayBeBack({ known, current })) return false;
  const newest = seen.filter(({ settings }) => sameSettings(settings, current)).slice(-restWindows);
  if (newest.length < restWindows) return false;
  const [now, then] = [newest, reference.windows].map((windows) => {
    const signs = signsHere(facts, windows, atMs);
    return signs && bestOf(facts, signs, nowMs);
  });
  return now != null && then?.one !== now.one;
}

/** Whether a shift may have brought back a load under which another setting was proven. */
export function mayBeBack({ known, current }: Pick<Facts, 'known' | 'current'>): boolean {
  return known.some((one) => !sameSettings(one.settings, current));
}

function bestOf(
  facts: Facts,
  now: LoadSigns,
  nowMs: number,
): { readonly one: KnownLoad; readonly sure: boolean } | null {
  const { known, current, session, restingKnobs } = facts;
  const alike = known.flatMap((one) => {
    const like = one.left ? null : likeness(one.under, now);
    return like ? [{ one, ...like }] : [];
  });
  const sure = alike.filter((one) => one.sure).toSorted((a, b) => a.distance - b.distance);
  // Of loads that only look alike the newest proof counts, also where it leads to what is in force.
  const perhaps = alike.toSorted((a, b) => b.one.atMs - a.one.atMs);
  const best = sure[0] ?? perhaps[0];
  if (!best || sameSettings(best.one.settings, current) || hasFailed(facts, best.one, nowMs)) return null;
  const resting = restingKnobs.filter(({ untilMs }) => untilMs > nowMs).map(({ knob }) => knob);
  const moves = changes(current, best.one.settings).map(([id]) => id);
  return moves.some((id) => resting.includes(id)) || !isAllowed(session, best.one) ? null : best;
}

/** What was left for the default is told apart by its load (`left` of the known one), and not by its back-off. */
function hasFailed({ ruledOut }: Pick<Facts, 'ruledOut'>, { settings }: KnownLoad, nowMs: number): boolean {
  return ruledOut.some((one) => !one.left && one.untilMs > nowMs && sameSettings(one.settings, settings));
}

/** The knobs, their domains and what is fixed may be others than in the session that proved it. */
function isAllowed({ knobs, anchor, options }: SessionEntry, { settings }: KnownLoad): boolean {
  try {
    completeSettings(knobs, anchor, settings, options.fixed);
    return Object.keys(anchor).every((id) => Object.hasOwn(settings, id));
  } catch {
    return false;
  }
}

function offerOf({ settings, under, gain, pGain, atMs }: KnownLoad, sure: boolean, now: LoadSigns): Proposal {
  const calls = `${countText(now.size.value)} ${now.load === 'open' ? 'calls/s' : 'calls in flight'}`;
  const day = new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
  const alike = sure
    ? 'what is in force does now as it did then'
    : `something else is in force now, and it is ${hourText(now.hour)} UTC, then ${hourText(under.hour)}`;
  return {
    settings,
    gain,
    pGain: Math.min(pGain, sure ? believed.sure : believed.perhaps),
    risk: 'low',
    model: 'known load',
    reason: `a load like this one (${calls}) was met on ${day} UTC, when this was proven better by ${percentText(gain.estimate)}: ${alike}`,
  };
}

function hourText(hour: number): string {
  const minutes = Math.floor(60 * hour);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/**
 * The search over knobs that no model knows: numbers, switches, choices, several of them together.
 *
 *   visits ──▶ process (process.ts) ─┬─▶ where most is to be hoped for: a visit there, of a few windows
 *                                    ├─▶ the best that was visited: once more, until it is known well enough
 *                                    └─▶ a trial of it, if it gains enough; else why not
 *
 * Nothing is known of a knob but what was measured, so the process is only ever asked near what was visited: a
 * value moves no further at once than an octave or three from where the service is known to work (axes.ts). The
 * next visit is the one with the largest expected improvement over the best so far. The search ends where that is
 * no longer worth a visit, which for a knob that does nothing comes after a handful of them, and begins again
 * only where visits are forgotten: after a shift.
 *
 * Coordinate by coordinate, with a curve through three values of each, ended at 87 to 97 % of the best of
 * eight knobs that depend on each other after 80 visits; this is proven within 5 % of it after 50 (of three knobs after
 * 10, of five after 20).
 * @see Jones, Schonlau and Welch 1998, "Efficient global optimization of expensive black-box functions" (expected improvement)
 */
import type { KnobSpec, Settings, SettingValue } from '../../../src/contracts.ts';
import { type RandomSource, randomStream } from '../../../src/foundation/random.ts';
import { valueIn } from '../../../src/foundation/settings.ts';
import { percentText } from '../../../src/foundation/units.ts';
import { withIdleAtDefault } from '../../entries/acting.ts';
import { changes, changesText, isCheaper } from '../../entries/settings.ts';
import { type Context, isOpen } from '../context.ts';
import { gainInterval, type LogGain, normalCdf } from '../gain.ts';
import { countedInWords, isWorth, propose, type View, worthLog } from '../model.ts';
import { type Axis, axisOf } from './axes.ts';
import { firstVisits } from './first-visits.ts';
import { beside, farthest } from './idle.ts';
import { type KnownSetting, knownOf, knownWindows, placeIn, worst } from './known.ts';
import { type Expected, type Process, processOf } from './process.ts';
import { isForTour } from './tour.ts';

/** Visits a round, over all and for each ordered knob. */
const mostVisits = { atAll: 80, first: 8, perRange: 10 } as const;
/** Expected improvement (log) below which no visit is worth its time: of the smallest, and of the gain found so far. */
const leastHope = { atAll: 0.01, ofGain: 0.012 } as const;
/** Settings around which the search looks, and combinations it looks at besides single moves. */
const neighbours = { bases: 3, combinations: 48, moves: 4 } as const;
/** Of settings whose gain is this close (log), the cheapest is taken. */
const alike = 0.02;

/** Knobs that are searched together; of more of them each such group comes after the one before is done. */
const mostTogether = 8;

/** @param tours asks for what a tour may look at, and nothing else (tour.ts) */
export function searchViews(context: Context, knobs: readonly KnobSpec[], tours = false): readonly View[] {
  const views: View[] = [];
  for (let from = 0; from < knobs.length; from += mostTogether) {
    const view = searchView(context, knobs.slice(from, from + mostTogether), tours);
    if (view) views.push(view);
    if (view?.probe || view?.proposal) break;
  }
  return views;
}

function searchView(context: Context, knobs: readonly KnobSpec[], tours: boolean): View | null {
  const { current } = context.seen;
  const axes = knobs.flatMap((knob) => {
    const now = valueIn(current, knob.id);
    const axis = now === undefined ? null : axisOf(knob, now);
    return axis && axis.values.length > 1 ? [axis] : [];
  });
  if (axes.length === 0) return null;
  const known = knownOf(context, axes);
  const process = processOf(
    known.map((one) => one.observed),
    axes.map((axis) => axis.isChoice),
  );
  const expectedOf = (settings: Settings) => process.at(placeIn(axes, settings));
  const valued = known.map((one) => ({ ...one, expected: expectedOf(one.settings) }));
  const ranked = [...valued].sort((a, b) => b.expected.mean - a.expected.mean);
  const best = ranked[0] as (typeof valued)[number];
  const settings = ranked.map((one) => one.settings);
  const space: Space = {
    context,
    axes,
    process,
    mayBe: (one) => isOpen(context, one) && (!tours || isForTour(context.seen, one)),
    visited: new Set(settings.map((one) => placeIn(axes, one).join(' '))),
  };
  const worksAt = settings.filter((one) => expectedOf(one).mean > worst / 2);
  const first = mostHopeful(
    space,
    firstVisits(axes, { ...current, ...context.seen.visits?.[0]?.from }, worksAt),
    best.expected.mean,
  );
  const around = nearby(space, settings);
  const next = first ?? mostHopeful(space, around, best.expected.mean);
  const base: Omit<View, 'reason'> = {
    model: 'search',
    knobs: axes.map((axis) => axis.id),
    identifiable: known.length > 1,
    curve: axes.length === 1 ? curveOf(axes[0] as Axis, valued) : [],
  };
  const visits = known.length - 1;
  const found = `no model knows ${axes.map((axis) => axis.id).join(', ')}, and ${visits === 0 ? 'no other setting was visited' : `${countedInWords(visits, 'other setting')} ${visits === 1 ? 'was' : 'were'} visited`}`;
  const hope = Math.max(leastHope.atAll, leastHope.ofGain * best.expected.mean);
  const most = mostOf(axes);
  const isSeenBetter = ranked.some(
    (one) => isOpen(context, one.settings) && one.windows >= knownWindows && isWorth(context, one.expected),
  );
  const mayVisit = context.seen.may?.visit !== false && !(isSeenBetter && hasFailed(context, axes));
  if (mayVisit && next && (first || next.hope > hope) && known.length <= most) {
    const words = `what calls cost with ${changesText(current, next.settings)}`;
    return { ...base, reason: found, probe: visit(context, next.settings, words, best.expected.mean) };
  }
  const open = ranked.filter((one) => space.mayBe(one.settings) && (mayVisit || one.windows >= knownWindows));
  const top = cheapest(context, open);
  const gainsNothing = (): View => {
    const unexpected = mayVisit && known.length <= most ? idleVisit(space, best.settings, settings, around) : null;
    if (!unexpected) return { ...base, reason: visits === 0 ? found : `${found}: none of them gains enough` };
    const words = `what calls cost with ${changesText(current, unexpected)}, of which nothing is known`;
    return { ...base, reason: found, probe: { ...visit(context, unexpected, words, best.expected.mean), tour: true } };
  };
  if (!top || top.expected.mean <= worthLog(context) / 2) return gainsNothing();
  if (top.windows < knownWindows) {
    const words = `whether ${changesText(current, top.settings)} is as good as it looked`;
    return { ...base, reason: found, probe: visit(context, top.settings, words, 0) };
  }
  const gain: LogGain = top.expected;
  const reason = `${found}; there ${percentText(gainInterval(gain).estimate)} more was measured in ${countedInWords(top.windows, 'window')}`;
  if (!isWorth(context, gain)) return gainsNothing();
  const moved = Object.fromEntries(
    changes(current, top.settings).map(([id, , value]) => [id, value] as const),
  ) as Settings;
  return { ...base, reason, proposal: propose(context, 'search', moved, gain, reason) };
}

/** Where nothing is to be hoped for, once idle (idle.ts). @param ranked what was visited @param reached what is in reach of it */
function idleVisit(
  { context, axes, visited, mayBe }: Space,
  best: Settings,
  ranked: readonly Settings[],
  reached: readonly Settings[],
): Settings | null {
  if (!context.seen.may?.tour) return null;
  const along = (axis: Axis) =>
    ranked
      .filter((one) => axes.every(({ id }) => id === axis.id || valueIn(one, id) === valueIn(best, id)))
      .map((one) => axis.place(valueIn(one, axis.id) as SettingValue));
  const isNew = (one: Settings) =>
    mayBe(one) && isForTour(context.seen, one) && !visited.has(placeIn(axes, one).join(' '));
  const [step] = beside(axes, best, along).filter(isNew);
  return step ?? farthest(axes, reached.filter(isNew), ranked);
}

/** A value of one of the knobs did harm or did not come into force: what is known to be better comes first. */
function hasFailed({ seen }: Context, axes: readonly Axis[]): boolean {
  const failed = (seen.harmful ?? []).flatMap(({ from, settings }) => changes(from, { ...from, ...settings }));
  return failed.some(([id]) => axes.some((axis) => axis.id === id));
}

/** What the search may find is not known, so its visits come after every probe whose model expects more. */
function visit(context: Context, settings: Settings, learns: string, toBeat: number): NonNullable<View['probe']> {
  return { settings, learns, upside: 2 * worthLog(context), toBeat };
}

function mostOf(axes: readonly Axis[]): number {
  const each = axes.reduce((sum, axis) => sum + (axis.isChoice ? axis.values.length - 1 : mostVisits.perRange), 0);
  return Math.min(mostVisits.atAll, mostVisits.first + each);
}

interface Space {
  readonly context: Context;
  readonly axes: readonly Axis[];
  readonly process: Process;
  /** True for a setting that may be visited. */
  readonly mayBe: (settings: Settings) => boolean;
  /** Places of the settings that were visited. */
  readonly visited: ReadonlySet<string>;
}

/** Of settings that were not visited, the one from which most is to be hoped for. */
function mostHopeful(
  { context, axes, process, visited, mayBe }: Space,
  settings: readonly Settings[],
  top: number,
): { readonly settings: Settings; readonly hope: number } | null {
  const looked = new Set(visited);
  let best: { readonly settings: Settings; readonly hope: number } | null = null;
  for (const wanted of settings) {
    const one = withIdleAtDefault(context.seen.knobs, wanted);
    const place = placeIn(axes, one);
    const key = place.join(' ');
    if (looked.has(key)) continue;
    looked.add(key);
    const hope = hopeOf(process.at(place), top);
    if ((best === null || hope > best.hope) && mayBe(one)) best = { settings: one, hope };
  }
  return best;
}

/** Single moves and combinations from the best settings. @param ranked the best first */
function nearby({ axes, process, visited }: Space, ranked: readonly Settings[]): readonly Settings[] {
  const reached = axes.map((axis) => reachOf(axis, process, ranked, axes));
  const random = randomStream(visited.size, 'search');
  return ranked
    .slice(0, neighbours.bases)
    .flatMap((base, rank) => [
      ...singleMoves(axes, reached, base, rank === 0),
      ...combinations(axes, reached, base, random),
    ]);
}

/** Expected improvement over `top`. */
function hopeOf({ mean, sd }: Expected, top: number): number {
  const z = (mean - top) / sd;
  return sd * (z * normalCdf(z) + Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI));
}

/** Values within reach of those at which the service was seen to work, and within half of it of those where it was bad: behind them it may be better. */
function reachOf(
  axis: Axis,
  process: Process,
  ranked: readonly Settings[],
  axes: readonly Axis[],
): readonly SettingValue[] {
  if (axis.isChoice) return axis.values;
  const reached = ranked.map((one) => {
    const isGood = process.at(placeIn(axes, one)).mean > worst / 2;
    const reach = isGood ? axis.reach : axis.reach / 2;
    const place = axis.place(valueIn(one, axis.id) as SettingValue);
    return [place - reach, place + reach] as const;
  });
  const [low, high] = [Math.min(...reached.map(([from]) => from)), Math.max(...reached.map(([, to]) => to))];
  return axis.values.filter((value) => axis.place(value) >= low - 1e-9 && axis.place(value) <= high + 1e-9);
}

function singleMoves(
  axes: readonly Axis[],
  reached: readonly (readonly SettingValue[])[],
  base: Settings,
  isBest: boolean,
): readonly Settings[] {
  return axes.flatMap((axis, i) =>
    [...(reached[i] ?? []), ...(isBest ? axis.closeTo(valueIn(base, axis.id) as SettingValue) : [])].map((value) => ({
      ...base,
      [axis.id]: value,
    })),
  );
}

/** Settings that differ from `base` in several knobs: some settings are good together only. */
function combinations(
  axes: readonly Axis[],
  reached: readonly (readonly SettingValue[])[],
  base: Settings,
  random: RandomSource,
): readonly Settings[] {
  if (axes.length === 1) return [];
  return Array.from({ length: neighbours.combinations }, () => {
    const moves = 2 + Math.floor(random() * Math.min(neighbours.moves - 1, axes.length - 1));
    let one = base;
    for (let move = 0; move < moves; move++) {
      const i = Math.floor(random() * axes.length);
      const values = reached[i] ?? [];
      one = { ...one, [(axes[i] as Axis).id]: values[Math.floor(random() * values.length)] as SettingValue };
    }
    return one;
  });
}

/** Of those nearly as good as the best the one that costs less, where a knob costs. @param open the best first */
function cheapest<T extends { readonly settings: Settings; readonly expected: Expected }>(
  { seen }: Context,
  open: readonly T[],
): T | undefined {
  const [best] = open;
  if (!best) return undefined;
  const near = open.filter((one) => one.expected.mean >= best.expected.mean - alike);
  return near.reduce((kept, one) => (isCheaper(seen.knobs, kept.settings, one.settings) ? one : kept), best);
}

function curveOf(axis: Axis, valued: readonly (KnownSetting & { readonly expected: Expected })[]): View['curve'] {
  return valued
    .map(({ settings, expected }) => ({
      value: valueIn(settings, axis.id) as SettingValue,
      gain: gainInterval(expected),
    }))
    .sort((a, b) => axis.place(a.value) - axis.place(b.value));
}

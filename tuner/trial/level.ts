/**
 * Harm that builds up while a setting stays, and wears off as slowly: switching hurts both arms alike, so that
 * no pair shows it. What shows it is the level of both arms together, against that before the trial.
 *
 *   reference, windows on which the candidate stayed, less the effect of pairs ─┐
 *   the candidate's windows in its trial, those on which it stayed ─────────────┴ fallOf ──▶ how far the level fell
 *   a stretch of windows on the anchor ── recoveryIn ──▶ how far it has come back
 *
 * A fall alone may have come from outside. So the anchor is then left alone for a stretch: what the candidate
 * had done wears off, and what came from outside stays, or ends by itself (jump.ts). Windows right after a flip are left out of both, and
 * medians are compared, so that neither the price of a flip nor single bad windows are taken for a level.
 * Simulated (σ_d 5 %, harm of a quarter with time constants of 5, 20, 120 s): bench/tuner/guards.ts.
 */
import type { Load, Measured, Objective, Window } from '../../src/contracts.ts';
import { cameBackByItself } from './jump.ts';
import { objectiveOf, secondsOf } from './metric.ts';
import { loadChanged } from './stability.ts';
import { mean, median } from './statistics.ts';

/** The newest windows at the candidate whose level is compared. */
const recentWindows = 30;
const fewestWindows = 12;
/**
 * Windows of the reference. Their number is part of the error of its median, so that few of them are no less sound: with 6,
 * 8, 10 and 20 a fall was told somewhere in 80 windows of a hold-back without one in 20, 24, 24 and 20 % of 600 series of
 * white noise (φ 0.5: 34, 31, 31, 21 %; φ 0.9: 53, 55, 52, 46 %), each at the price of a stretch, and one of 6 % that
 * builds up within 20 windows in 98, 99, 98 and 98 % (φ 0.9: 94, 93, 90, 91 %).
 */
const fewestReference = 6;
/** A smaller change of the level, of its log, is none. */
const smallest = 0.03;
/** A setting that was committed for its gain, and under which the level is lower by so much than before it. */
const plainlySunken = 0.05;
/** A rise by less in two minutes is none. */
const least = 0.01;
/** Standard errors. A fall that is none costs a stretch, a recovery that is none a good setting. */
const sigmas = { fall: 2, recovery: 3 } as const;
/** The standard error of a median over that of a mean, and σ over the median distance from it. */
const perMean = 1.2533;
const perMedian = 1.4826;
/** No reference is taken to be more autocorrelated. */
const mostAutocorrelation = 0.9;
/** The first windows of a stretch pay for the flip. */
const settling = 2;

interface Facts {
  readonly objective: Objective;
  readonly load: Load;
  /** Windows at rest before the trial. */
  readonly reference: readonly Window[];
}

/**
 * How far the level has fallen (of its log, ≥ 0) while the candidate stayed; null where it has not, or where
 * the load has changed or too few windows say so.
 * @param measured all windows of the hold-back, in their order
 * @param early the candidate's windows in its trial: the harm had not built up yet, or less
 * @param d of all pairs: their median is what the arms differ by
 */
export function fallOf(
  { objective, load, reference }: Facts,
  measured: readonly Measured[],
  early: readonly Window[],
  d: readonly number[],
): number | null {
  const recent = staysIn(measured).slice(-recentWindows);
  if (recent.length < fewestWindows || reference.length < fewestReference || d.length === 0) return null;
  if (loadChanged(load, reference, recent)) return null;
  const before = levelsOf(objective, load, reference);
  const phi = autocorrelation(before);
  const after = levelsOf(objective, load, recent);
  const asAnchor = after.map((one) => one - median(d));
  const falls = [
    changed(before, asAnchor, sigmas.fall, phi),
    changed(levelsOf(objective, load, early), after, sigmas.fall, phi),
  ].filter((one) => one !== null);
  return falls.length === 0 ? null : Math.max(...falls);
}

/** Windows on which the candidate stayed. @param measured in their order */
function staysIn(measured: readonly Measured[]): readonly Window[] {
  return measured
    .filter((one, i) => one.arm === 'candidate' && measured[i - 1]?.arm === 'candidate')
    .map((one) => one.window);
}

/** Whether a stretch on the anchor, the newest of `measured`, saw the end of an outage. @param d as of `fallOf` */
export function sawOutageEnd(
  facts: Pick<Facts, 'objective' | 'load'>,
  measured: readonly Measured[],
  stretch: readonly Window[],
  d: readonly number[],
): boolean {
  const before = staysIn(measured).slice(-fewestWindows);
  const after = stretch.map((window): Measured => ({ arm: 'baseline', window }));
  return endedByItself(facts, before, { before, after, other: 'baseline' }, -median(d, 0));
}

/**
 * How far the level has sunk below the reference (of its log, > 0), where that is worth leaving a setting for; null
 * where it has not, or where it fell at once: that is a shift, and told as one (level-watch.ts).
 * @param recent windows of one length, of which the older half was there before the newer one sank
 */
export function sunkenBelow({ objective, load, reference }: Facts, recent: readonly Window[]): number | null {
  if (reference.length < fewestReference || loadChanged(load, reference, recent)) return null;
  const before = levelsOf(objective, load, reference);
  const levels = levelsOf(objective, load, recent);
  const half = Math.floor(levels.length / 2);
  if (half === 0 || median(levels.slice(0, half)) >= median(before)) return null;
  const sunken = changed(before, levels.slice(half), sigmas.recovery, autocorrelation(before));
  return sunken !== null && sunken >= plainlySunken ? sunken : null;
}

/** Whether the newest third of a stretch lies above the first, by as much as no drift of an hour does in that time. */
export function isRising({ objective, load }: Facts, stretch: readonly Window[]): boolean {
  const [first, last] = thirdsOf(levelsOf(objective, load, stretch.slice(settling)));
  return first.length > 0 && median(last) - median(first) > least;
}

/** How far the level has risen within a stretch (of its log, > 0); null where it has not. */
export function recoveryIn({ objective, load, reference }: Facts, stretch: readonly Window[]): number | null {
  const levels = levelsOf(objective, load, stretch.slice(settling));
  const [first, last] = thirdsOf(levels);
  if (first.length < fewestWindows / 3) return null;
  const phi = autocorrelation(levelsOf(objective, load, reference));
  return changed(last, first, sigmas.recovery, phi);
}

/**
 * How far the level lies above the windows in which it was sunken (of its log, > 0): what wears off within seconds has
 * come back before a rise could be seen. null where it has not.
 */
export function backAbove(
  { objective, load, reference }: Facts,
  sunken: readonly Window[],
  stretch: readonly Window[],
): number | null {
  const phi = autocorrelation(levelsOf(objective, load, reference));
  const back = levelsOf(objective, load, stretch.slice(settling));
  const risen = changed(back, levelsOf(objective, load, sunken), sigmas.recovery, phi);
  return risen !== null && risen >= plainlySunken ? risen : null;
}

/**
 * Whether the level came back in one jump, and not where the setting was changed: as an outage of somebody else's ends.
 * @param sunken where the level was low, at the one setting @param change windows since, in their order: before the change
 *   all at that setting too, from it on at either @param d what the other differs from it by
 */
export function endedByItself(
  { objective, load }: Pick<Facts, 'objective' | 'load'>,
  sunken: readonly Window[],
  change: { readonly before: readonly Window[]; readonly after: readonly Measured[]; readonly other: Measured['arm'] },
  d: number,
): boolean {
  // The newest of them may lie after the outage already.
  const low = levelsOf(objective, load, sunken)
    .toSorted((a, b) => a - b)
    .slice(0, Math.ceil(sunken.length / 2));
  const after = change.after.flatMap(({ arm, window }) =>
    levelsOf(objective, load, [window]).map((level) => (arm === change.other ? level - d : level)),
  );
  return low.length > 0 && cameBackByItself(median(low), levelsOf(objective, load, change.before), after);
}

/** The first third and the last. */
function thirdsOf(levels: readonly number[]): readonly [readonly number[], readonly number[]] {
  const third = Math.floor(levels.length / 3);
  return third === 0 ? [[], []] : [levels.slice(0, third), levels.slice(-third)];
}

/** By how much the second lies below the first; null where that may be noise. */
function changed(
  before: readonly number[],
  after: readonly number[],
  sigmasWanted: number,
  phi: number,
): number | null {
  if (before.length === 0 || after.length === 0) return null;
  const fall = median(before) - median(after);
  const sigma = perMedian * median([...distances(before), ...distances(after)]);
  const together = (1 + phi) / (1 - phi);
  const error = perMean * sigma * Math.sqrt(together * (1 / before.length + 1 / after.length));
  return fall > Math.max(smallest, sigmasWanted * error) ? fall : null;
}

/** Logs, + is better. What an open load does follows its arrivals, which are divided out. */
function levelsOf(objective: Objective, load: Load, windows: readonly Window[]): readonly number[] {
  return windows.flatMap((window) => {
    const value = objectiveOf(objective, window) ?? 0;
    if (objective.direction === 'minimize') return value > 0 ? [-Math.log(value)] : [];
    const arrivals = load === 'open' ? window.offered / secondsOf(window) : 1;
    return value > 0 && arrivals > 0 ? [Math.log(value / arrivals)] : [];
  });
}

function distances(values: readonly number[]): readonly number[] {
  const center = median(values);
  return values.map((one) => Math.abs(one - center));
}

function autocorrelation(values: readonly number[]): number {
  const center = mean(values, 0);
  const deviations = values.map((one) => one - center);
  const squares = deviations.reduce((sum, one) => sum + one * one, 0);
  const products = deviations.slice(1).reduce((sum, one, i) => sum + one * (deviations[i] as number), 0);
  return squares > 0 ? Math.max(0, Math.min(mostAutocorrelation, products / squares)) : 0;
}

/**
 * Whether windows are even enough to be a trial's reference, and whether the load is still the one it was.
 *
 *   baseline windows ── log metric ── robust z ── prewhiten ── CUSUM, slope ──▶ stable, σ_d
 */

import type { Load, Objective, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { inferLoad } from './infer-load.ts';
import { objectiveOf, secondsOf } from './metric.ts';
import { pairSigma } from './pair-sigma.ts';
import { mean, median, populationDeviation, rootMeanSquare } from './statistics.ts';

export interface Stability {
  readonly stable: boolean;
  /** One sentence with the number that decided. */
  readonly reason: string;
  /** σ of log(next window / this one): what a pair's d would vary by with no effect at all. */
  readonly sigmaD: number;
}

/** @see Page, "Continuous inspection schemes", Biometrika 41 (1954); k and h in σ of the innovations */
const cusum = { slack: 0.5, limit: 5 } as const;
/** One window counts for at most this many σ, so that a spike is not taken for a change of level. */
const clip = 3.5;
/** The largest autocorrelation that is removed: removing more would hide a step of the level. */
const mostAutocorrelation = 0.5;
const smallestDrift = 0.1;
const smallestLoadChange = 0.25;
const mixDistance = 0.2;
const fewestWindows = 6;

/** @param windows at one setting, oldest first */
export function stability(windows: readonly Window[], objective: Objective): Stability {
  const values = windows.map((window) => objectiveOf(objective, window));
  const logs = values.flatMap((value) => (value !== null && value > 0 ? [Math.log(value)] : []));
  const sigmaD = adjacentSigma(logs);
  const zeros = values.filter((value) => value === 0).length;
  if (zeros > 0 && windows.length - zeros < Math.max(fewestWindows, 0.75 * windows.length)) {
    return { stable: false, reason: `${noneCounted(objective)} in ${zeros} of ${windows.length} windows`, sigmaD };
  }
  if (logs.length < fewestWindows) {
    return { stable: false, reason: `${logs.length} windows with data, at least ${fewestWindows} are needed`, sigmaD };
  }
  const empty = windows.length - logs.length;
  if (empty > windows.length / 4)
    return { stable: false, reason: `${empty} of ${windows.length} windows were empty`, sigmaD };
  const sum = largestCusum(innovations(logs));
  if (sum > cusum.limit)
    return { stable: false, reason: `the level shifted: CUSUM ${sum.toFixed(1)} above ${cusum.limit}`, sigmaD };
  const drift = Math.abs(theilSen(logs)) * (logs.length - 1);
  const allowed = Math.max(smallestDrift, 3 * sigmaD);
  const drifted = `drift over ${logs.length} windows ${(100 * drift).toFixed(1)} %, allowed ${(100 * allowed).toFixed(1)} %`;
  return { stable: drift <= allowed, reason: `${drifted}, CUSUM ${sum.toFixed(1)}`, sigmaD };
}

/** What a metric of 0 means, which has no logarithm and so nothing to compare. */
function noneCounted(objective: Objective): string {
  return objective.metric === 'goodput'
    ? `no call ended ok within ${durationText(objective.sloMs)}`
    : 'no call ended ok';
}

/**
 * True when the load differs from that of the reference: by its rate of arrivals in an open loop, by its
 * calls in flight in a closed loop (where the rate is an effect and not a cause), or by its mix of
 * functions.
 * @param declared null: inferred from the reference
 */
export function loadChanged(declared: Load | null, reference: readonly Window[], recent: readonly Window[]): boolean {
  if (reference.length < 3 || recent.length < 2) return false;
  const size =
    (declared ?? inferLoad(reference)) === 'closed'
      ? (window: Window) => (window.backlogAtStart + window.backlogAtEnd) / 2
      : (window: Window) => window.offered / secondsOf(window);
  return sizeChanged(reference.map(size), recent.map(size)) || mixShift(reference, recent) !== null;
}

function sizeChanged(before: readonly number[], after: readonly number[]): boolean {
  const from = mean(before);
  const to = mean(after);
  if (!(from > 0) || !(to > 0)) return from !== to;
  const deviation = populationDeviation(before) / from;
  // The noise is doubled because successive windows are not independent.
  const noise = 2 * deviation * Math.sqrt(1 / before.length + 1 / after.length);
  return Math.abs(Math.log(to / from)) > Math.max(smallestLoadChange, 3 * noise);
}

/**
 * The share of calls that are of another function than in the reference, the total variation distance of
 * both mixes; null where it is small, or one side has fewer than 200 calls.
 */
export function mixShift(reference: readonly Window[], recent: readonly Window[]): number | null {
  const before = mixOf(reference);
  const after = mixOf(recent);
  if (before.total < 200 || after.total < 200) return null;
  const names = new Set([...before.counts.keys(), ...after.counts.keys()]);
  let distance = 0;
  for (const name of names) {
    distance +=
      Math.abs((before.counts.get(name) ?? 0) / before.total - (after.counts.get(name) ?? 0) / after.total) / 2;
  }
  const noise = 2 * Math.sqrt(names.size / Math.min(before.total, after.total));
  return distance > Math.max(mixDistance, noise) ? distance : null;
}

function mixOf(windows: readonly Window[]): { readonly counts: ReadonlyMap<string, number>; readonly total: number } {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { byFunction } of windows) {
    for (const [name, one] of Object.entries(byFunction)) {
      const settled = settledOf(one.outcomes);
      counts.set(name, (counts.get(name) ?? 0) + settled);
      total += settled;
    }
  }
  return { counts, total };
}

/** σ of the difference between each log and the next. */
function adjacentSigma(logs: readonly number[]): number {
  return pairSigma(logs.slice(1).map((one, i) => one - (logs[i] as number)));
}

/** The logs, robustly standardised, less what each window's predecessor predicts of it, standardised and clipped again. */
function innovations(logs: readonly number[]): readonly number[] {
  const z = standardised(logs);
  const products = z.slice(1).map((one, i) => one * (z[i] as number));
  const squares = mean(
    z.map((one) => one * one),
    0,
  );
  const phi = squares > 0 ? Math.min(mostAutocorrelation, Math.max(0, mean(products, 0) / squares)) : 0;
  return standardised(z.map((one, i) => (i === 0 ? one * Math.sqrt(1 - phi * phi) : one - phi * (z[i - 1] as number))));
}

function standardised(values: readonly number[]): readonly number[] {
  const center = median(values);
  const spread = 1.4826 * median(values.map((one) => Math.abs(one - center)));
  const scale = spread > 0 ? spread : rootMeanSquare(values.map((one) => one - center)) || 1;
  return values.map((one) => Math.max(-clip, Math.min(clip, (one - center) / scale)));
}

function largestCusum(z: readonly number[]): number {
  let up = 0;
  let down = 0;
  let largest = 0;
  for (const one of z) {
    up = Math.max(0, up + one - cusum.slack);
    down = Math.max(0, down - one - cusum.slack);
    largest = Math.max(largest, up, down);
  }
  return largest;
}

/** Median of the slopes between all points. @see Sen, J. Am. Stat. Assoc. 63 (1968) */
function theilSen(values: readonly number[]): number {
  const slopes = values.flatMap((one, i) => values.slice(i + 1).map((other, j) => (other - one) / (j + 1)));
  return median(slopes, 0);
}

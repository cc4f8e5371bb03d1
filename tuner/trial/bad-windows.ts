/**
 * How many of the windows of one arm were bad, and what share of bad ones that excludes: n clean windows
 * exclude no more than a share of 1 − α^(1/n), 4.9 % at 60.
 * @see Clopper, Pearson, Biometrika 26 (1934), the upper bound
 */
import type { Objective, Window } from '../../src/contracts.ts';
import { objectiveOf } from './metric.ts';
import { median } from './statistics.ts';

export interface BadWindows {
  readonly count: number;
  /** Windows looked at. */
  readonly of: number;
  /** The largest share of bad windows that is not excluded. */
  readonly atMost: number;
}

/** Chance that the share is larger than `atMost`. */
const alpha = 0.05;
/** A window is bad from this far below the usual on, and from as many robust σ. */
const smallest = -Math.log1p(-0.1);
const farSigmas = 3.5;
const perMedian = 1.4826;
/** A rate of 0 has no log: it counts as this share of the usual one. */
const least = 1e-3;
/** Of windows that are nearly all bad one would do: two are the fewest that say anything. */
const largestShare = 0.75;

export function badWindows(objective: Objective, windows: readonly Window[]): BadWindows {
  const sign = objective.direction === 'maximize' ? 1 : -1;
  const values = windows.flatMap((window) => objectiveOf(objective, window) ?? []);
  const usual = median(values, 0);
  const logs = usual > 0 ? values.map((value) => sign * Math.log(Math.max(value / usual, least))) : [];
  const far = Math.max(smallest, farSigmas * perMedian * median(logs.map(Math.abs), 0));
  const count = logs.filter((log) => log < -far).length;
  return { count, of: logs.length, atMost: mostShare(count, logs.length) };
}

/** How many windows, none of them bad, exclude that so large a share of them is. */
export function windowsToExclude(share: number): number {
  return share > 0 ? Math.ceil(Math.log(alpha) / Math.log1p(-Math.min(share, largestShare))) : Infinity;
}

/** The share at which so few of `of` have a chance of α. */
function mostShare(count: number, of: number): number {
  if (count >= of) return 1;
  let [low, high] = [count / of, 1];
  for (let turn = 0; turn < 40; turn++) {
    const share = (low + high) / 2;
    if (chanceOfFew(count, of, share) > alpha) low = share;
    else high = share;
  }
  return high;
}

/** P(X ≤ count) of a binomial variable. */
function chanceOfFew(count: number, of: number, share: number): number {
  let term = (1 - share) ** of;
  let sum = term;
  for (let k = 1; k <= count; k++) {
    term *= ((of - k + 1) / k) * (share / (1 - share));
    sum += term;
  }
  return sum;
}

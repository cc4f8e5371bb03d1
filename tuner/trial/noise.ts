/**
 * What is called noise, from the pairs of an a/a trial.
 *
 *   d of one setting against itself ── pairSigma ──▶ σ_d ── smallestEffect ──▶ the effect a trial can tell from none
 *
 * The spread decides, not the ends of the a/a trial's own interval: of a few pairs one stalled window
 * sets an end, and says little about the next trial.
 */

import { unboundedHigh } from './e-value.ts';
import { pairsForShift } from './plan.ts';
import { median, rootMeanSquare } from './statistics.ts';

const smallestSigmaD = 0.005;
/** More than this many robust σ from 0 counts as this many: a stall is one bad pair, not a loud machine. */
const clip = 3;
/** Consistent for a normal deviate: 1 / Φ⁻¹(3/4). */
const perMedian = 1.4826;

/** σ of differences whose true centre is 0: each counts for at most 3 robust σ. At least 0.005. */
export function pairSigma(d: readonly number[]): number {
  if (d.length === 0) return smallestSigmaD;
  const sizes = d.map(Math.abs);
  const middle = median(sizes);
  const bound = middle > 0 ? clip * perMedian * middle : Infinity;
  return Math.max(smallestSigmaD, rootMeanSquare(sizes.map((one) => Math.min(bound, one))));
}

/**
 * The smallest gain, as a fraction, that a trial of `pairs` pairs proves four times out of five;
 * `unboundedHigh` where so few pairs prove nothing at this level.
 */
export function smallestEffect(sigmaD: number, alpha: number, pairs: number): number {
  let [low, high] = [0, largestShift];
  if (pairsForShift(high, alpha) > pairs) return unboundedHigh;
  while (high - low > 0.005) {
    const middle = (low + high) / 2;
    if (pairsForShift(middle, alpha) > pairs) low = middle;
    else high = middle;
  }
  return Math.min(unboundedHigh, Math.expm1(high * sigmaD));
}

/** `alpha`, or the tightest level at which so few pairs can tell anything. */
export function tellingAlpha(alpha: number, pairs: number): number {
  return Math.max(alpha, Math.min(0.45, 2 * 0.55 ** pairs));
}

/** In σ. The bets are as good as won there. */
const largestShift = 12;

/**
 * The noise, from the pairs of an a/a trial.
 *
 *   d of one setting against itself ── pairSigma ──▶ σ_d ── smallestEffect ──▶ the smallest effect a trial can prove
 *
 * The noise is taken from the spread of d and not from the ends of the a/a trial's own interval: among
 * a few pairs one stalled window sets an end, and says little about the next trial.
 */

import { unboundedHigh } from './e-value.ts';
import { pairSigma } from './pair-sigma.ts';
import { pairsForShift } from './plan.ts';
import { median } from './statistics.ts';

const priorPairs = 8;

/** σ_d as it was known before, corrected by the pairs since, whose mean is no noise. Before counts for 8 pairs. */
export function correctedSigma(sigmaD: number, d: readonly number[]): number {
  if (d.length < 2) return sigmaD;
  const center = median(d);
  const seen = pairSigma(d.map((one) => one - center));
  return Math.sqrt((priorPairs * sigmaD ** 2 + d.length * seen ** 2) / (priorPairs + d.length));
}

/**
 * The smallest gain, as a fraction, that a trial of `pairs` pairs proves four times out of five; it is
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

/** `alpha`, or the strictest level at which so few pairs can prove anything. */
export function reachableAlpha(alpha: number, pairs: number): number {
  return Math.max(alpha, Math.min(0.45, 2 * 0.55 ** pairs));
}

/** A shift in σ at which the bets win almost surely. */
const largestShift = 12;

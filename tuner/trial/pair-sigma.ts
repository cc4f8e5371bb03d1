/** σ of the differences of pairs whose true mean is 0: of one setting against itself, or of adjacent windows at rest. */
import { median, rootMeanSquare } from './statistics.ts';

const smallestSigmaD = 0.005;
/** A d further from 0 than this many robust σ counts as this many, so that one stalled pair does not make a machine noisy. */
const clip = 3;
/** σ of a normal variable over the median of its distance from 0: 1 / Φ⁻¹(3/4). */
const perMedian = 1.4826;

/** σ of differences whose true mean is 0, each of which counts for at most 3 robust σ. At least 0.005. */
export function pairSigma(d: readonly number[]): number {
  if (d.length === 0) return smallestSigmaD;
  const sizes = d.map(Math.abs);
  const middle = median(sizes);
  const bound = middle > 0 ? clip * perMedian * middle : Infinity;
  return Math.max(smallestSigmaD, rootMeanSquare(sizes.map((one) => Math.min(bound, one))));
}

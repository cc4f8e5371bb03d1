/**
 * Bad windows that one arm has and the other has not, from the pairs that lie far from the others.
 *
 *   d of each pair ── far from their median ──▶ a bad window of the candidate, or of the baseline
 *                                           ──▶ evidence that the candidate has more of them
 *
 * The effect of the usual window is the median of d, and the coin that orders a pair gives a disturbance to
 * either arm alike: under the null that both arms meet the same troubles, a far pair is far on either side
 * with the same chance. So a bet on its side is worth 1 on average, as in e-value.ts, and one may look after
 * every pair. What all pairs share, such as the effect itself, is no evidence here.
 * Deviation: the median and the spread come from the same pairs, which changes no side of a pair that is far.
 */
import { median } from './statistics.ts';

export interface FarPairs {
  /** Pairs in which the candidate was far worse than usual, and in which the baseline was. */
  readonly candidate: number;
  readonly baseline: number;
}

/** A tenth: what is nearer than this to the usual is not far, however quiet the pairs. */
const smallest = -Math.log1p(-0.1);
const farSigmas = 3.5;
/** σ of a normal variable over the median of its distance from 0. */
const perMedian = 1.4826;
/** Shares of the stake that are bet on the candidate's side, with the same weight each. */
const stakes = [0.5, 0.8, 0.95] as const;

/** @param d log ratios, + is better */
export function farPairs(d: readonly number[]): FarPairs {
  const center = median(d, 0);
  const distances = d.map((one) => one - center);
  const far = Math.max(smallest, farSigmas * perMedian * median(distances.map(Math.abs), 0));
  return {
    candidate: distances.filter((one) => one < -far).length,
    baseline: distances.filter((one) => one > far).length,
  };
}

/** The e-value of "the candidate has more bad windows than the baseline". */
export function farEvidence({ candidate, baseline }: FarPairs): number {
  return stakes.reduce((sum, stake) => sum + (1 + stake) ** candidate * (1 - stake) ** baseline, 0) / stakes.length;
}

/**
 * Reading frozen HDR counts: quantiles, counts below a limit, means, merges. Pure, on the sparse
 * form of the contract, so it works alike on a live window and on one read back from the ledger.
 *
 *   HDR histogram ── fromHistogram ──▶ Distribution ── mergeDistributions ──▶ Distribution
 *                                          └── quantileMs, countAtOrBelow, meanMs
 *
 * Two distributions merge without loss because every histogram of this project has one layout
 * (layout.ts): equal bounds mean equal buckets.
 */
import type { JsHistogram } from 'hdr-histogram-js';
import type { Distribution } from '../contracts.ts';
import { msToNs, nsToMs } from '../foundation/units.ts';
import { bucketBoundNs } from './layout.ts';

/** What HDR counts do not keep: exact to the float. */
export interface Sums {
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** No samples: every number 0, both arrays empty. */
export const emptyDistribution: Distribution = Object.freeze({
  count: 0,
  sumMs: 0,
  minMs: 0,
  maxMs: 0,
  boundsNs: Object.freeze([]),
  counts: Object.freeze([]),
});

/** All samples of `list` in one distribution. Order does not matter (up to rounding of the sum). */
export function mergeDistributions(list: readonly Distribution[]): Distribution {
  let merged = emptyDistribution;
  for (const next of list) {
    if (next.count === 0) continue;
    merged = merged.count === 0 ? next : mergeTwo(merged, next);
  }
  return merged;
}

/**
 * The value that a fraction `q` of the samples does not exceed: the upper bound of the bucket with
 * the sample of rank ⌈q × count⌉, within the exact minimum and maximum. Never below the exact
 * quantile of that rank, and above it by less than 1 %.
 * @param q 0 to 1; 0 gives the minimum, 1 the maximum
 * @returns milliseconds; NaN when there are no samples
 */
export function quantileMs(distribution: Distribution, q: number): number {
  const { count, minMs, maxMs, boundsNs, counts } = distribution;
  if (count === 0) return Number.NaN;
  if (q <= 0) return minMs;
  // 0.07 × 100 is 7.000000000000001: without the allowance the rank would be 8.
  const rank = Math.ceil(q * count * (1 - 1e-12));
  if (rank >= count) return maxMs;
  let seen = 0;
  for (let i = 0; i < counts.length; i++) {
    seen += counts[i] as number;
    if (seen >= rank) return Math.min(maxMs, Math.max(minMs, nsToMs(boundsNs[i] as number)));
  }
  return maxMs;
}

/**
 * How many samples were at most `ms`. Exact at or beyond the extremes; in between, the bucket `ms`
 * falls in is counted whole (values within 1 % above `ms` may be included).
 */
export function countAtOrBelow(distribution: Distribution, ms: number): number {
  const { count, minMs, maxMs, boundsNs, counts } = distribution;
  if (count === 0 || !(ms >= minMs)) return 0;
  if (ms >= maxMs) return count;
  const limitNs = bucketBoundNs(msToNs(ms));
  let below = 0;
  for (let i = 0; i < counts.length && (boundsNs[i] as number) <= limitNs; i++) below += counts[i] as number;
  return below;
}

/** Exact mean in milliseconds; NaN when there are no samples. */
export function meanMs(distribution: Distribution): number {
  return distribution.count === 0 ? Number.NaN : distribution.sumMs / distribution.count;
}

/**
 * The frozen form of a histogram's non-empty buckets, O(buckets).
 * @param sums of the same samples, kept beside the histogram
 * @param from first and last index of the counts that can be non-zero; default: all
 */
export function fromHistogram(
  histogram: JsHistogram,
  sums: Sums,
  { first, last }: { readonly first: number; readonly last: number } = {
    first: 0,
    last: histogram.countsArrayLength - 1,
  },
): Distribution {
  const boundsNs: number[] = [];
  const counts: number[] = [];
  let count = 0;
  for (let i = first; i <= last; i++) {
    const inBucket = histogram.getCountAtIndex(i);
    if (inBucket === 0) continue;
    boundsNs.push(histogram.highestEquivalentValue(histogram.valueFromIndex(i)));
    counts.push(inBucket);
    count += inBucket;
  }
  return count === 0
    ? emptyDistribution
    : { count, sumMs: sums.sumMs, minMs: sums.minMs, maxMs: sums.maxMs, boundsNs, counts };
}

/** Merges two distributions that are not empty. */
function mergeTwo(a: Distribution, b: Distribution): Distribution {
  const boundsNs: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.counts.length || j < b.counts.length) {
    const left = a.boundsNs[i] ?? Infinity;
    const right = b.boundsNs[j] ?? Infinity;
    boundsNs.push(Math.min(left, right));
    counts.push((left <= right ? (a.counts[i++] as number) : 0) + (right <= left ? (b.counts[j++] as number) : 0));
  }
  return {
    count: a.count + b.count,
    sumMs: a.sumMs + b.sumMs,
    minMs: Math.min(a.minMs, b.minMs),
    maxMs: Math.max(a.maxMs, b.maxMs),
    boundsNs,
    counts,
  };
}

/**
 * The one bucket layout of all histograms here: HDR with 2 significant digits from 1 ns. Buckets are
 * 1 ns wide up to 255 ns; from there each power of two is cut into 128 buckets, so that a bucket is
 * narrower than 1 % of what it holds.
 *
 * @see HdrHistogram, "bucket layout": lowestDiscernibleValue 1, subBucketCount 256
 */

export const significantDigits = 2;
export const subBucketBits = 8;
export const halfSubBuckets = 2 ** (subBucketBits - 1);

/** 68.7 s: 3,840 buckets, 15 KiB. Histograms grow beyond it by themselves. */
export const initialCeilingNs = 2 ** 36 - 1;

/** Highest value (inclusive) of the bucket of `ns`, for any whole `ns` ≥ 0. */
export function bucketBoundNs(ns: number): number {
  if (ns < 2 * halfSubBuckets) return ns;
  const width = 2 ** (Math.floor(Math.log2(ns)) - (subBucketBits - 1));
  return (Math.floor(ns / width) + 1) * width - 1;
}

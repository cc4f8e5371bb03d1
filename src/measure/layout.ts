/**
 * The one bucket layout of all histograms here: HDR with 2 significant digits from 1 ns. Buckets are
 * 1 ns wide up to 255 ns; from there each power of two is cut into 128 buckets, so that a bucket is
 * narrower than 1 % of what it holds.
 *
 * @see HdrHistogram, "bucket layout": lowestDiscernibleValue 1, subBucketCount 256
 */

export const significantDigits = 2;
const subBucketBits = 8;
const halfSubBuckets = 2 ** (subBucketBits - 1);

/** 68.7 s: 3,840 buckets, 15 KiB. Histograms grow beyond it by themselves. */
export const initialCeilingNs = 2 ** 36 - 1;

const powersOfTwo = Float64Array.from({ length: 36 }, (_, exponent) => 2 ** exponent);

/**
 * Index of the bucket of `ns` (whole, 0 to `initialCeilingNs`): the exponent chooses the run of 128
 * buckets, the leading 8 bits the bucket in it. The library finds the same index by log2 and pow, at
 * three times the cost.
 */
export function bucketIndex(ns: number): number {
  if (ns < 2 * halfSubBuckets) return ns;
  // clz32 sees 32 bits: beyond 2^31 the leading bit is looked for in the part above.
  const high = Math.floor(ns / 0x80000000);
  const leadingBit = high > 0 ? 62 - Math.clz32(high) : 31 - Math.clz32(ns);
  const exponent = leadingBit - (subBucketBits - 1);
  return exponent * halfSubBuckets + Math.floor(ns / (powersOfTwo[exponent] as number));
}

/** Highest value (inclusive) of the bucket of `ns`, for any whole `ns` ≥ 0. */
export function bucketBoundNs(ns: number): number {
  if (ns < 2 * halfSubBuckets) return ns;
  const width = 2 ** (Math.floor(Math.log2(ns)) - (subBucketBits - 1));
  return (Math.floor(ns / width) + 1) * width - 1;
}

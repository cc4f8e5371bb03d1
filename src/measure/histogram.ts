/**
 * The room's door to hdr-histogram-js: one histogram of durations with its exact sum, minimum and
 * maximum beside it.
 *
 *   record(ms) ──▶ counts (2 significant digits, 1 ns …) ── freeze() ──▶ Distribution, counts back to 0
 *
 * All histograms have one layout (layout.ts), so frozen ones merge without loss. The range grows by itself
 * beyond 68 s (the only time `record` allocates); no sample is ever cut off at the top.
 */
import { Int32Histogram, type JsHistogram } from 'hdr-histogram-js';
import type { Distribution } from '../contracts.ts';
import { msToNs } from '../foundation/units.ts';
import { emptyDistribution, fromHistogram } from './distribution.ts';
import { halfSubBuckets, initialCeilingNs, significantDigits, subBucketBits } from './layout.ts';

/** 13 days. A longer duration is a mistake and counts as this long. */
const longestMs = 2 ** 50 / 1e6;

export class Histogram {
  readonly #counts: JsHistogram = emptyHistogram();
  #count = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = 0;

  /**
   * Counts one duration. Negative and not-a-number count as 0: a clock read on another thread may
   * be a little ahead, and a call's accounting must not depend on it. O(1), no allocation.
   */
  record(ms: number): void {
    const value = ms > 0 ? Math.min(ms, longestMs) : 0;
    const ns = msToNs(value);
    if (ns <= initialCeilingNs) this.#counts.incrementCountAtIndex(bucketIndex(ns));
    else this.#counts.recordValue(ns);
    this.#count++;
    this.#sumMs += value;
    if (value < this.#minMs) this.#minMs = value;
    if (value > this.#maxMs) this.#maxMs = value;
  }

  /** Counts one duration so many times, at the cost of one. */
  recordSame(ms: number, count: number): void {
    if (count === 0) return;
    const value = ms > 0 ? Math.min(ms, longestMs) : 0;
    const ns = msToNs(value);
    if (ns <= initialCeilingNs) {
      const index = bucketIndex(ns);
      this.#counts.setCountAtIndex(index, this.#counts.getCountAtIndex(index) + count);
    } else this.#counts.recordValueWithCount(ns, count);
    this.#add(count, value * count, value, value);
  }

  /** Counts so many durations of 0. */
  recordZeros(count: number): void {
    if (count === 0) return;
    this.#counts.setCountAtIndex(0, this.#counts.getCountAtIndex(0) + count);
    this.#count += count;
    this.#minMs = 0;
  }

  /** Counts the first `count` durations of a list here and in another, at little more than the cost of one. */
  recordEach(other: Histogram, samplesMs: Float64Array, count: number): void {
    const [mine, others] = [this.#counts, other.#counts];
    let [sumMs, minMs, maxMs] = [0, Infinity, 0];
    for (let i = 0; i < count; i++) {
      const ms = samplesMs[i] as number;
      const value = ms > 0 ? Math.min(ms, longestMs) : 0;
      const ns = msToNs(value);
      if (ns <= initialCeilingNs) {
        const index = bucketIndex(ns);
        mine.incrementCountAtIndex(index);
        others.incrementCountAtIndex(index);
      } else {
        mine.recordValue(ns);
        others.recordValue(ns);
      }
      sumMs += value;
      if (value < minMs) minMs = value;
      if (value > maxMs) maxMs = value;
    }
    this.#add(count, sumMs, minMs, maxMs);
    other.#add(count, sumMs, minMs, maxMs);
  }

  /** Counts `count` durations of a list, the first at `from`, each `step` after the one before. */
  recordEvery(samplesMs: Float64Array, from: number, step: number, count: number): void {
    const mine = this.#counts;
    let [sumMs, minMs, maxMs] = [0, Infinity, 0];
    for (let i = 0, at = from; i < count; i++, at += step) {
      const ms = samplesMs[at] as number;
      const value = ms > 0 ? Math.min(ms, longestMs) : 0;
      const ns = msToNs(value);
      if (ns <= initialCeilingNs) mine.incrementCountAtIndex(bucketIndex(ns));
      else mine.recordValue(ns);
      sumMs += value;
      if (value < minMs) minMs = value;
      if (value > maxMs) maxMs = value;
    }
    this.#add(count, sumMs, minMs, maxMs);
  }

  #add(count: number, sumMs: number, minMs: number, maxMs: number): void {
    this.#count += count;
    this.#sumMs += sumMs;
    this.#minMs = Math.min(this.#minMs, minMs);
    this.#maxMs = Math.max(this.#maxMs, maxMs);
  }

  /** What was recorded since the last call; the histogram starts again from empty. O(buckets in use). */
  freeze(): Distribution {
    if (this.#count === 0) return emptyDistribution;
    const counts = this.#counts;
    const first = counts.countsArrayIndex(msToNs(this.#minMs));
    const last = counts.countsArrayIndex(msToNs(this.#maxMs));
    const frozen = fromHistogram(
      counts,
      { sumMs: this.#sumMs, minMs: this.#minMs, maxMs: this.#maxMs },
      { first, last },
    );
    for (let i = first; i <= last; i++) counts.setCountAtIndex(i, 0);
    this.#count = 0;
    this.#sumMs = 0;
    this.#minMs = Infinity;
    this.#maxMs = 0;
    return frozen;
  }
}

/** An empty library histogram in the layout of this project, for code that must hand one on. */
export function emptyHistogram(): JsHistogram {
  const histogram = new Int32Histogram(1, initialCeilingNs, significantDigits);
  histogram.autoResize = true;
  return histogram;
}

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

/**
 * How long each call in flight has been in flight. The calls that came back before the next change of
 * setting leave out the slow ones, most of all where a setting makes calls slow. The ages of the calls
 * in flight are what is known of those.
 *
 *   offered(ms), settled(ms) ──▶ calls per bin of the time they were offered ── since(ms) ──▶ ages
 */
import type { Distribution } from '../contracts.ts';
import { msToNs } from '../foundation/units.ts';
import { emptyDistribution } from './distribution.ts';
import { bucketBoundNs } from './layout.ts';

/** Calls offered within the same bin of this length are counted together. */
const binMs = 2;
/** A power of two: 65 s. Older calls are not counted any more. */
const binCount = 32_768;
const mask = binCount - 1;

export class InFlightAges {
  /** Ring: calls in flight offered in bin b are counted at b mod binCount. */
  readonly #counts = new Int32Array(binCount);
  #newest: number;

  constructor(nowMs: number) {
    this.#newest = binOf(nowMs);
  }

  /** Calls were offered at `ms` of the recorder's clock. O(1) amortised, no allocation. */
  offered(ms: number, count = 1): void {
    const bin = binOf(ms);
    if (bin > this.#newest) this.#advance(bin);
    if (bin > this.#newest - binCount) this.#counts[bin & mask] = (this.#counts[bin & mask] as number) + count;
  }

  /** Calls settled. @param ms when they were offered, exactly as it was given then */
  settled(ms: number, count = 1): void {
    const bin = binOf(ms);
    if (bin > this.#newest - binCount) this.#counts[bin & mask] = (this.#counts[bin & mask] as number) - count;
  }

  /**
   * Ages at `nowMs` of the calls in flight offered after `sinceMs` (those of its own 2 ms are left
   * out); never more than the true age. O(time since then).
   */
  since(sinceMs: number, nowMs: number): Distribution {
    const first = Math.max(binOf(sinceMs) + 1, this.#newest - binCount + 1);
    const boundsNs: number[] = [];
    const counts: number[] = [];
    const ages = { count: 0, sumMs: 0, minMs: Infinity, maxMs: 0 };
    for (let bin = this.#newest; bin >= first; bin--) {
      const count = this.#counts[bin & mask] as number;
      if (count <= 0) continue;
      const ageMs = Math.max(0, nowMs - (bin + 1) * binMs);
      const bound = bucketBoundNs(msToNs(ageMs));
      if (boundsNs.at(-1) === bound) counts[counts.length - 1] = (counts.at(-1) as number) + count;
      else {
        boundsNs.push(bound);
        counts.push(count);
      }
      ages.count += count;
      ages.sumMs += count * ageMs;
      ages.minMs = Math.min(ages.minMs, ageMs);
      ages.maxMs = Math.max(ages.maxMs, ageMs);
    }
    return ages.count === 0 ? emptyDistribution : { ...ages, boundsNs, counts };
  }

  #advance(to: number): void {
    for (let bin = Math.max(this.#newest + 1, to - binCount + 1); bin <= to; bin++) this.#counts[bin & mask] = 0;
    this.#newest = to;
  }
}

function binOf(ms: number): number {
  return Math.floor(ms / binMs);
}

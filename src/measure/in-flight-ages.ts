/**
 * How long the calls in flight have been so. Whoever looks only at calls that came back before the
 * next change of setting never sees the slow ones: they are cut off, most of all where a setting
 * makes them slow. Their ages are what is known of them.
 *
 *   offered(ms), settled(ms) ──▶ calls per millisecond of submission ── since(ms) ──▶ ages
 */
import type { Distribution } from '../contracts.ts';
import { msToNs } from '../foundation/units.ts';
import { emptyDistribution } from './distribution.ts';
import { bucketBoundNs } from './layout.ts';

/** Milliseconds told apart, a power of two: older calls are as old as this. */
const slots = 8192;
const mask = slots - 1;

export class InFlightAges {
  /** Ring: calls in flight submitted in millisecond m are counted at m mod slots. */
  readonly #counts = new Int32Array(slots);
  #newest: number;
  #older = 0;

  constructor(nowMs: number) {
    this.#newest = Math.floor(nowMs);
  }

  /** A call was submitted at `ms` of the recorder's clock. O(1) amortised, no allocation. */
  offered(ms: number): void {
    const slot = Math.floor(ms);
    if (slot > this.#newest) this.#advance(slot);
    if (slot <= this.#newest - slots) this.#older++;
    else this.#counts[slot & mask] = (this.#counts[slot & mask] as number) + 1;
  }

  /** It settled. @param ms the same as when it was offered */
  settled(ms: number): void {
    const slot = Math.floor(ms);
    if (slot <= this.#newest - slots) this.#older--;
    else this.#counts[slot & mask] = (this.#counts[slot & mask] as number) - 1;
  }

  /** Ages at `nowMs` of the calls in flight submitted after `sinceMs`; never more than the true age. */
  since(sinceMs: number, nowMs: number): Distribution {
    const first = Math.max(Math.floor(sinceMs) + 1, this.#newest - slots + 1);
    const boundsNs: number[] = [];
    const counts: number[] = [];
    const ages = { count: 0, sumMs: 0, minMs: Infinity, maxMs: 0 };
    const add = (count: number, ageMs: number) => {
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
    };
    for (let slot = this.#newest; slot >= first; slot--) {
      const count = this.#counts[slot & mask] as number;
      if (count > 0) add(count, Math.max(0, nowMs - slot - 1));
    }
    if (this.#older > 0 && sinceMs <= this.#newest - slots)
      add(this.#older, Math.max(slots, nowMs - this.#newest + slots - 1));
    return ages.count === 0 ? emptyDistribution : { ...ages, boundsNs, counts };
  }

  #advance(to: number): void {
    for (let slot = Math.max(this.#newest + 1, to - slots + 1); slot <= to; slot++) {
      this.#older += this.#counts[slot & mask] as number;
      this.#counts[slot & mask] = 0;
    }
    this.#newest = to;
  }
}

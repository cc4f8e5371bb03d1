/**
 * How long each call in flight has been in flight. The calls that came back before the next change of
 * setting leave out the slow ones, most of all where a setting makes calls slow. The ages of the calls
 * in flight are what is known of those.
 *
 *   offered(ms), settled(ms) ──▶ calls per slot of the time they were offered ── since(ms) ──▶ ages
 */
import type { Distribution } from '../contracts.ts';
import { msToNs } from '../foundation/units.ts';
import { emptyDistribution } from './distribution.ts';
import { bucketBoundNs } from './layout.ts';

/** Calls offered within the same slot of this length are counted together. */
const slotMs = 2;
/** A power of two: 65 s. Older calls are not counted any more. */
const slots = 32_768;
const mask = slots - 1;

export class InFlightAges {
  /** Ring: calls in flight offered in slot s are counted at s mod slots. */
  readonly #counts = new Int32Array(slots);
  #newest: number;

  constructor(nowMs: number) {
    this.#newest = slotOf(nowMs);
  }

  /** A call was offered at `ms` of the recorder's clock. O(1) amortised, no allocation. */
  offered(ms: number): void {
    const slot = slotOf(ms);
    if (slot > this.#newest) this.#advance(slot);
    if (slot > this.#newest - slots) this.#counts[slot & mask] = (this.#counts[slot & mask] as number) + 1;
  }

  /** A call settled. @param ms when it was offered, exactly as it was given then */
  settled(ms: number): void {
    const slot = slotOf(ms);
    if (slot > this.#newest - slots) this.#counts[slot & mask] = (this.#counts[slot & mask] as number) - 1;
  }

  /**
   * Ages at `nowMs` of the calls in flight offered after `sinceMs` (those of its own 2 ms are left
   * out); never more than the true age. O(time since then).
   */
  since(sinceMs: number, nowMs: number): Distribution {
    const first = Math.max(slotOf(sinceMs) + 1, this.#newest - slots + 1);
    const boundsNs: number[] = [];
    const counts: number[] = [];
    const ages = { count: 0, sumMs: 0, minMs: Infinity, maxMs: 0 };
    for (let slot = this.#newest; slot >= first; slot--) {
      const count = this.#counts[slot & mask] as number;
      if (count <= 0) continue;
      const ageMs = Math.max(0, nowMs - (slot + 1) * slotMs);
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
    for (let slot = Math.max(this.#newest + 1, to - slots + 1); slot <= to; slot++) this.#counts[slot & mask] = 0;
    this.#newest = to;
  }
}

function slotOf(ms: number): number {
  return Math.floor(ms / slotMs);
}

/**
 * References to an LRU cache, counted by the rank the key was found at. From the ranks the miss
 * ratio at any capacity can be read (Mattson et al. 1970, stack distances).
 */
import type { CacheUse } from '../contracts.ts';

/**
 * Ranks that are told apart. What was found deeper counts as never seen: no cache of a size that is told of
 * would have had it.
 */
const maxRankCount = 16_384;

export class CacheCounts {
  #hits = 0;
  #misses = 0;
  #coldCount = 0;
  #missMs = 0;
  /** Of all zeros from `#depth` on. It stays from window to window, so that a reference seldom makes it larger. */
  #rankCounts = new Uint32Array(64);
  #depth = 0;
  #everUsed = false;

  /** @param rank 0 most recent, −1 never seen. O(1); allocates only where a rank is twice as deep as any before */
  reference(rank: number, hit: boolean, missMs: number): void {
    this.#everUsed = true;
    if (hit) this.#hits++;
    else {
      this.#misses++;
      this.#missMs += missMs;
    }
    if (rank < 0 || rank >= maxRankCount) {
      this.#coldCount++;
      return;
    }
    if (rank >= this.#depth) {
      this.#depth = rank + 1;
      if (rank >= this.#rankCounts.length) this.#grow(rank);
    }
    this.#rankCounts[rank] = (this.#rankCounts[rank] as number) + 1;
  }

  /** Counts since the last freeze; undefined where no reference was ever counted. */
  freeze(): CacheUse | undefined {
    if (!this.#everUsed) return undefined;
    const frozen = {
      hits: this.#hits,
      misses: this.#misses,
      rankCounts: Array.from(this.#rankCounts.subarray(0, this.#depth)),
      coldCount: this.#coldCount,
      missMs: this.#missMs,
    };
    this.#hits = 0;
    this.#misses = 0;
    this.#coldCount = 0;
    this.#missMs = 0;
    this.#rankCounts.fill(0, 0, this.#depth);
    this.#depth = 0;
    return frozen;
  }

  #grow(rank: number): void {
    const grown = new Uint32Array(2 ** Math.ceil(Math.log2(rank + 1)));
    grown.set(this.#rankCounts);
    this.#rankCounts = grown;
  }
}

export function mergeCacheUse(a: CacheUse | undefined, b: CacheUse | undefined): CacheUse | undefined {
  if (!a || !b) return a ?? b;
  const [long, short] = a.rankCounts.length >= b.rankCounts.length ? [a, b] : [b, a];
  return {
    hits: a.hits + b.hits,
    misses: a.misses + b.misses,
    rankCounts: long.rankCounts.map((count, rank) => count + (short.rankCounts[rank] ?? 0)),
    coldCount: a.coldCount + b.coldCount,
    missMs: a.missMs + b.missMs,
  };
}

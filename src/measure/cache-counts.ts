/**
 * References to an LRU cache, counted by the rank the key was found at. From the ranks the miss
 * ratio at any capacity can be read (Mattson et al. 1970, stack distances).
 */
import type { CacheUse } from '../contracts.ts';

/**
 * Ranks that are told apart. A deeper reference is counted at the last of them, as no larger cache is
 * ever recommended.
 */
const maxRankCount = 16_384;

export class CacheCounts {
  #hits = 0;
  #misses = 0;
  #coldCount = 0;
  #missMs = 0;
  #rankCounts: number[] = [];
  #everUsed = false;

  /** @param rank 0 most recent, −1 never seen. O(1); allocates only where a rank is the deepest so far */
  reference(rank: number, hit: boolean, missMs: number): void {
    this.#everUsed = true;
    if (hit) this.#hits++;
    else {
      this.#misses++;
      this.#missMs += missMs;
    }
    if (rank < 0) {
      this.#coldCount++;
      return;
    }
    const counted = rank < maxRankCount ? rank : maxRankCount - 1;
    while (this.#rankCounts.length <= counted) this.#rankCounts.push(0);
    this.#rankCounts[counted] = (this.#rankCounts[counted] as number) + 1;
  }

  /** Counts since the last freeze; undefined where no reference was ever counted. */
  freeze(): CacheUse | undefined {
    if (!this.#everUsed) return undefined;
    const frozen = {
      hits: this.#hits,
      misses: this.#misses,
      rankCounts: this.#rankCounts,
      coldCount: this.#coldCount,
      missMs: this.#missMs,
    };
    this.#hits = 0;
    this.#misses = 0;
    this.#coldCount = 0;
    this.#missMs = 0;
    this.#rankCounts = [];
    return frozen;
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

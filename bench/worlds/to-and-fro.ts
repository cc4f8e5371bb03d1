/** Two states by turns, each for as long as chance will have it: what a load does that comes in bursts. */
import type { RandomSource } from '../../src/foundation/random.ts';

export interface ToAndFro {
  readonly stateAt: (atMs: number) => 0 | 1;
  /** When the state changes next. */
  readonly nextMs: (afterMs: number) => number;
}

/** @param meanMs of the stays in the two states, which are exponential; the first one is there at first */
export function toAndFro(meanMs: readonly [number, number], random: RandomSource): ToAndFro {
  /** Ascending; drawn as far as anybody has asked. */
  const turns: number[] = [];
  const turnsBy = (atMs: number): number => {
    while ((turns.at(-1) ?? 0) <= atMs)
      turns.push((turns.at(-1) ?? 0) - (meanMs[turns.length % 2] ?? 0) * Math.log(1 - random()));
    let [low, high] = [0, turns.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((turns[middle] ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    stateAt: (atMs) => (turnsBy(atMs) % 2 === 0 ? 0 : 1),
    nextMs: (afterMs) => turns[turnsBy(afterMs)] ?? Infinity,
  };
}

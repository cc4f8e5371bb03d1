/** Measurements, sorted into pairs. */

export interface Dropped {
  /** Pairs measured that could not be used. */
  readonly droppedCount: number;
  /** How many of these came last, without a usable pair since. */
  readonly droppedInARow: number;
}

export interface PairedUp<P> extends Dropped {
  /** The pairs that can be used, in order. */
  readonly pairs: readonly P[];
}

/**
 * Every two successive members of `seen` from index `from` on, as a pair.
 * @param pairOf null where the pair cannot be used; `index` is that of its first member in `seen`
 */
export function pairUp<T, P>(
  seen: readonly T[],
  from: number,
  pairOf: (first: T, second: T, index: number) => P | null,
): PairedUp<P> {
  const pairs: P[] = [];
  let droppedCount = 0;
  let droppedInARow = 0;
  for (let index = from; index + 1 < seen.length; index += 2) {
    const pair = pairOf(seen[index] as T, seen[index + 1] as T, index);
    if (pair === null) {
      droppedCount++;
      droppedInARow++;
    } else {
      pairs.push(pair);
      droppedInARow = 0;
    }
  }
  return { pairs, droppedCount, droppedInARow };
}

/** The word somebody may have meant. */

/** Letters that may be wrong, as a share of the longer word. */
const wrongFraction = 0.4;
/** Letters by which a word is known though others follow. */
const leastBeginning = 4;

/**
 * The known word nearest to `given`, whatever the case of its letters; null when none is near.
 * @see Damerau, "A technique for computer detection and correction of spelling errors", CACM 7(3), 1964:
 *   letters left out, added, changed, or swapped with their neighbour; no letter is part of two swaps
 */
export function nearest(given: string, known: readonly string[]): string | null {
  const word = given.slice(0, 60).toLowerCase();
  let best: string | null = null;
  let least = Infinity;
  for (const one of known) {
    const most = Math.max(1, Math.floor(wrongFraction * Math.max(word.length, one.length)));
    const steps = distance(word, one.toLowerCase());
    if (steps > most || steps >= least) continue;
    [best, least] = [one, steps];
  }
  // 'batchSize' for 'batch' is no slip of a finger, but what is meant is plain.
  return best ?? known.find((one) => isBeginning(one.toLowerCase(), word)) ?? null;
}

function isBeginning(one: string, other: string): boolean {
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one];
  return shorter.length >= leastBeginning && longer.startsWith(shorter);
}

/** '; did you mean 'maxQueue'?', or nothing. */
export function meantText(given: string, known: readonly string[]): string {
  const meant = nearest(given, known);
  return meant === null ? '' : `; did you mean '${meant}'?`;
}

function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (__, j) => (j === 0 ? i : i === 0 ? j : 0)),
  );
  const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(i - 2, j - 2) + 1 : Infinity;
      (rows[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, swapped);
    }
  }
  return at(a.length, b.length);
}

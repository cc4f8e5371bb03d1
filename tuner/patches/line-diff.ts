/** Where two texts differ, by lines. Few of them do, so that the place where both go on alike is found by trying. */

/** Lines that stand in place of others; from 0, ends exclusive. One of the two stretches may be empty. */
export interface Difference {
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Lines looked at for the next one in common; behind these everything counts as different. */
const farthest = 1_000;

/** In their order. */
export function differences(old: readonly string[], now: readonly string[]): readonly Difference[] {
  const found: Difference[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && old[i] === now[j]) {
      i++;
      j++;
      continue;
    }
    const [oldTo, newTo] = meeting(old, now, i, j);
    found.push({ oldFrom: i, oldTo, newFrom: j, newTo });
    [i, j] = [oldTo, newTo];
  }
  return found;
}

/** Where the two go on alike for a while: the nearest such place. */
function meeting(old: readonly string[], now: readonly string[], i: number, j: number): readonly [number, number] {
  const most = Math.min(farthest, old.length + now.length - i - j);
  for (let distance = 1; distance <= most; distance++)
    for (let inOld = Math.min(distance, old.length - i); inOld >= 0; inOld--) {
      const [a, b] = [i + inOld, j + distance - inOld];
      if (b > now.length) break;
      if (old[a] === now[b] && old[a + 1] === now[b + 1]) return [a, b];
    }
  return [old.length, now.length];
}

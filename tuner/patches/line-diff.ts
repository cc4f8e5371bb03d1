/** Where two texts differ, by lines: the fewest lines that go and come. */
// Its other ways to compare are not loaded with it.
import { diffArrays } from 'diff/lib/diff/array.js';

/** Lines that stand in place of others; from 0, ends exclusive. One of the two stretches may be empty. */
export interface Difference {
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Texts that differ in more lines than this, which no edit of an option does, count as different throughout. */
const mostChanged = 1_000;

/** In their order. */
export function differences(old: readonly string[], now: readonly string[]): readonly Difference[] {
  const parts = diffArrays([...old], [...now], { maxEditLength: mostChanged });
  if (!parts) return [{ oldFrom: 0, oldTo: old.length, newFrom: 0, newTo: now.length }];
  const found: Difference[] = [];
  let [i, j] = [0, 0];
  for (const { added, removed, count } of parts) {
    const before = found.at(-1);
    const goesOn = before?.oldTo === i && before.newTo === j;
    const { oldFrom, newFrom } = goesOn ? before : { oldFrom: i, newFrom: j };
    if (!added) i += count;
    if (!removed) j += count;
    if (!added && !removed) continue;
    if (goesOn) found.pop();
    found.push({ oldFrom, oldTo: i, newFrom, newTo: j });
  }
  return found;
}

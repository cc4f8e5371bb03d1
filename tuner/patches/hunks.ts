/**
 * The difference of two texts of a file as hunks: each with the lines around it, by which `git apply` and
 * `patch` find the place, and a reader as well.
 */
import { printable } from '../../src/foundation/printable.ts';
import { type Difference, differences } from './line-diff.ts';

export interface Hunk {
  /** Its first line in the text before, from 1. */
  readonly line: number;
  /** Whole lines, without the last line end. A line that ends with CR LF keeps its CR. */
  readonly before: string;
  readonly after: string;
  /** Its last line is the last of the file, and has no line end. */
  readonly endsFile?: true;
}

/** Lines around a change, as git shows them. */
const context = 3;
/** A longer line was written by no human, and would be cut where it is shown. */
const longestLine = 1_000;

/** null where a line has to be shown that cannot be, or that nobody would look at. */
export function hunksOf(before: string, after: string): readonly Hunk[] | null {
  const [old, now] = [linesOf(before), linesOf(after)];
  const hunks: Hunk[] = [];
  for (const group of grouped(differences(old, now))) {
    const [first, last] = [group[0] as Difference, group.at(-1) as Difference];
    const above = shownBefore(old, first.oldFrom);
    const below = shownAfter(old, last.oldTo);
    const [from, to] = [first.oldFrom - above, last.oldTo + below];
    const [nowFrom, nowTo] = [first.newFrom - above, last.newTo + below];
    const [removed, added] = [old.slice(from, to), now.slice(nowFrom, nowTo)];
    // What ends with the change itself is taken for the end of the file.
    if (below === 0 && to < old.length) return null;
    if (![...removed, ...added].every(isShown)) return null;
    hunks.push({
      line: from + 1,
      before: removed.join('\n'),
      after: added.join('\n'),
      ...(to === old.length && !before.endsWith('\n') && { endsFile: true }),
    });
  }
  return hunks;
}

function linesOf(text: string): readonly string[] {
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Those whose surroundings touch are one hunk. */
function grouped(all: readonly Difference[]): readonly (readonly Difference[])[] {
  const groups: Difference[][] = [];
  for (const one of all) {
    const group = groups.at(-1);
    if (group && one.oldFrom - (group.at(-1) as Difference).oldTo <= 2 * context) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

function shownBefore(lines: readonly string[], at: number): number {
  let count = 0;
  while (count < context && count < at && isShown(lines[at - count - 1] as string)) count++;
  return count;
}

function shownAfter(lines: readonly string[], at: number): number {
  let count = 0;
  while (count < context && at + count < lines.length && isShown(lines[at + count] as string)) count++;
  return count;
}

/** A terminal and a page show it as it is. */
function isShown(line: string): boolean {
  const text = line.replace(/\r$/, '');
  return text.length <= longestLine && printable(text) === text;
}

/**
 * Patches as lines. Where file and line are known they are a unified diff, as `git apply` and `patch -p1` take
 * it; else they are the options to set, under whose options they are.
 */
import type { RemarkOf } from '../../tuner/entries/entries.ts';
import { differences } from '../../tuner/patches/line-diff.ts';
import { printable } from './printable.ts';

type Patches = RemarkOf<'patch'>['patches'];
type Patch = Patches[number]['patch'];

export interface PatchLine {
  /** 'file': a heading, which is written as it is; the others follow their sign. 'same': it stays as it is. */
  readonly kind: 'file' | 'same' | 'del' | 'add';
  /** One line, without its sign. */
  readonly text: string;
}

/** The sign of a line of a diff, which nothing may stand before or after. */
export const patchSigns = { file: '', same: ' ', del: '-', add: '+' } as const satisfies Readonly<
  Record<PatchLine['kind'], string>
>;

export function patchLines(patches: Patches): PatchLine[] {
  let heading: string | undefined;
  /** Lines that the hunks before have added to the file. */
  let shift = 0;
  return patches.flatMap(({ patch }): PatchLine[] => {
    const { file, line, before, after, options } = patch;
    const [removed, added] = [linesOf(before), linesOf(after)];
    const under = file ?? options?.[0]?.of;
    const isNew = under !== undefined && under !== heading;
    if (isNew) [heading, shift] = [under, 0];
    if (file === undefined || line === undefined)
      return [
        ...(isNew ? [fileLine(under)] : []),
        ...removed.map((text) => ({ kind: 'del' as const, text: ` ${text}` })),
        ...added.map((text) => ({ kind: 'add' as const, text: ` ${text}` })),
      ];
    const to = (removed.length === 0 ? line + 1 : line) + shift - (added.length === 0 ? 1 : 0);
    shift += added.length - removed.length;
    return [
      ...(isNew ? [fileLine(`--- ${nameOf('a', file)}`), fileLine(`+++ ${nameOf('b', file)}`)] : []),
      fileLine(`@@ -${line},${removed.length} +${to},${added.length} @@`),
      ...changedLines(removed, added, patch),
    ];
  });
}

/** A line as text that can be copied or piped into a program: all of it, or of one that is too long its beginning. */
export function patchLineText({ kind, text }: PatchLine): string {
  // A carriage return at its end is part of the line that `git apply` looks for, and moves nothing.
  const end = text.endsWith('\r') ? '\r' : '';
  return `${patchSigns[kind]}${printable(end === '' ? text : text.slice(0, -1))}${end}`;
}

/** Tools end a name at its first space, unless a tab follows it. */
function nameOf(side: 'a' | 'b', file: string): string {
  const path = file.startsWith('/') ? file : `${side}/${file}`;
  return path.includes(' ') ? `${path}\t` : path;
}

function changedLines(removed: readonly string[], added: readonly string[], { endsFile }: Patch): PatchLine[] {
  const lines: PatchLine[] = [];
  const put = (kind: PatchLine['kind'], from: readonly string[], isLast: boolean) => {
    lines.push(...from.map((text) => ({ kind, text })));
    if (isLast && endsFile && from.length > 0) lines.push(fileLine('\\ No newline at end of file'));
  };
  let at = 0;
  for (const { oldFrom, oldTo, newFrom, newTo } of differences(removed, added)) {
    put('same', removed.slice(at, oldFrom), false);
    put('del', removed.slice(oldFrom, oldTo), oldTo === removed.length);
    put('add', added.slice(newFrom, newTo), newTo === added.length);
    at = oldTo;
  }
  put('same', removed.slice(at), true);
  return lines;
}

function fileLine(text: string): PatchLine {
  return { kind: 'file', text };
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

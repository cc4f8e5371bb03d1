/**
 * Patches as lines. Where file and line are known they are a unified diff without context, as `patch` and
 * `git apply --unidiff-zero` take it; else they are the options to set, under whose options they are.
 */
import type { RemarkOf } from '../../tuner/entries/entries.ts';

type Patches = RemarkOf<'patch'>['patches'];

export interface PatchLine {
  /** 'file': a heading, which is written as it is; the others follow their sign. */
  readonly kind: 'file' | 'del' | 'add';
  /** One line, without its sign. */
  readonly text: string;
}

/** The sign of a line of a diff, which nothing may stand before or after. */
export const patchSigns = { file: '', del: '-', add: '+' } as const satisfies Readonly<
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
      ...(isNew ? [fileLine(`--- ${file}`), fileLine(`+++ ${file}`)] : []),
      fileLine(`@@ -${line},${removed.length} +${to},${added.length} @@`),
      ...removed.map((text) => ({ kind: 'del' as const, text })),
      ...added.map((text) => ({ kind: 'add' as const, text })),
    ];
  });
}

function fileLine(text: string): PatchLine {
  return { kind: 'file', text };
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

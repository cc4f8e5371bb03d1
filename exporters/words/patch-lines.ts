/** Patches as the lines of a diff: removed, then added, under the file where one is known. */
import type { RemarkOf } from '../../tuner/entries/entries.ts';

export interface PatchLine {
  readonly kind: 'file' | 'del' | 'add';
  /** One line, without its sign. */
  readonly text: string;
}

export function patchLines(patches: RemarkOf<'patch'>['patches']): PatchLine[] {
  return patches.flatMap(({ patch }, i): PatchLine[] => [
    ...(patch.file !== undefined && patch.file !== patches[i - 1]?.patch.file
      ? [{ kind: 'file' as const, text: patch.file }]
      : []),
    ...linesOf('del', patch.before),
    ...linesOf('add', patch.after),
  ]);
}

function linesOf(kind: 'del' | 'add', text: string): PatchLine[] {
  return text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => ({ kind, text: line }));
}

import { expect, it } from 'vitest';
import { patchLines, patchSigns } from '../../../exporters/words/patch-lines.ts';
import type { Patch } from '../../../src/contracts.ts';

const textOf = (...patches: readonly Patch[]) =>
  patchLines(patches.map((patch) => ({ knob: 'threads', patch }))).map(
    ({ kind, text }) => `${patchSigns[kind]}${text}`,
  );

it('edits of known lines are a unified diff, whose hunks count the lines that those before them added', () => {
  expect(
    textOf(
      { file: 'a.ts', line: 2, before: '  guests', after: '  guests,\n  threads: 2,' },
      { file: 'a.ts', line: 7, before: '', after: '  batchSize: 64,' },
      { file: 'a.ts', line: 9, before: 'x', after: 'y' },
    ),
  ).toEqual([
    '--- a/a.ts',
    '+++ b/a.ts',
    '@@ -2,1 +2,2 @@',
    '-  guests',
    '+  guests,',
    '+  threads: 2,',
    '@@ -7,0 +9,1 @@',
    '+  batchSize: 64,',
    '@@ -9,1 +11,1 @@',
    '-x',
    '+y',
  ]);
});

it('options of which no line is known stand under what they are options of, and nothing is taken away', () => {
  const option = (name: string) => ({ of: 'createSandbox()', argument: 'first', path: [name], value: 2 }) as const;
  expect(
    textOf(
      { before: '', after: 'threads: 2,', options: [option('threads')] },
      { before: '', after: 'batchSize: 64,', options: [option('batchSize')] },
    ),
  ).toEqual(['createSandbox()', '+ threads: 2,', '+ batchSize: 64,']);
});

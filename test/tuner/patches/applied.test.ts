import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { patchLines, patchLineText } from '../../../exporters/words/patch-lines.ts';
import { fileVersion } from '../../../src/executor/made-at.ts';
import { inSource } from '../../../tuner/patches/in-source.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type Program, programs } from './programs.ts';

const driver = fileURLToPath(new URL('./diff-program.mts', import.meta.url));
const entry = new URL('../../../src/index.ts', import.meta.url).href;

interface Printed {
  readonly standing: readonly number[];
  readonly diff: string;
}

/** What the executors of each program stand at, and the diffs that change it. */
function printed(folder: string, list: readonly Program[], ...more: readonly string[]): readonly Printed[] {
  const args = ['--conditions=sandtune-source', driver, ...list.map(({ file }) => join(folder, file)), ...more];
  const said = JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }));
  return list.map(({ file }) => said[join(folder, file)]);
}

function written(list: readonly Program[]): string {
  const folder = realpathSync(temporaryFolder());
  for (const { file, source } of list) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }
  execFileSync('git', ['init', '-q'], { cwd: folder });
  return folder;
}

it('the diffs of programs as people write them are taken by git, and the programs then start on what they set', () => {
  const list = programs(entry).filter(({ isOption }) => !isOption);
  const folder = written(list);
  const before = printed(folder, list);
  for (const [at, { diff }] of before.entries()) {
    writeFileSync(join(folder, 'one.diff'), diff);
    expect(
      () => execFileSync('git', ['apply', 'one.diff'], { cwd: folder }),
      `${list[at]?.file}:\n${diff}`,
    ).not.toThrow();
  }
  for (const [at, { standing }] of printed(folder, list).entries())
    expect({ file: list[at]?.file, standing }).toEqual({
      file: list[at]?.file,
      standing: before[at]?.standing.map(() => 6),
    });
}, 240_000);

it('where the line cannot be edited for sure the option is named, and the place of the call in which it is', () => {
  const list = programs(entry).filter(({ isOption }) => isOption);
  const folder = written(list);
  for (const [at, { diff, standing }] of printed(folder, list).entries()) {
    const { file, source } = list[at] as Program;
    const line = source.split('\n').findIndex((one) => /(?:wrap|w)\(async/.test(one)) + 1;
    expect(diff).toBe(`wrap() in ${file}:${line}\n- concurrency: 4,\n+ concurrency: 6,\n`.repeat(standing.length));
  }
}, 240_000);

it('a file that was written since its executor was made is not edited', () => {
  const list = programs(entry).slice(0, 2);
  const folder = written(list);
  for (const [at, { diff }] of printed(folder, list, '--rewrite').entries())
    expect(diff).toBe(`wrap() in ${list[at]?.file}\n- concurrency: 4,\n+ concurrency: 6,\n`);
}, 240_000);

it('of a pool that is not made where it is wrapped, that place is named as the one where it is wrapped', () => {
  const file = join(realpathSync(temporaryFolder()), 'service.mjs');
  writeFileSync(file, "import { pool } from './pool.mjs';\nexport const executor = wrap(pool);\n");
  const patch = {
    before: '',
    after: 'maxThreads: 3,',
    options: [{ of: 'new Piscina()', argument: 'constructed', path: ['maxThreads'], value: 3 } as const],
  };
  const site = { file, line: 2, column: 25, callee: 'wrap', version: fileVersion(file), isShared: false };
  expect(patchLines(inSource(site, [{ knob: 'threads', patch }])).map(patchLineText)).toEqual([
    `new Piscina() of the pool that is wrapped in ${file}:2`,
    '+ maxThreads: 3,',
  ]);
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
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
}, 60_000);

it('where the line is not known for sure the option is named, and the file in which it is', () => {
  const list = programs(entry).filter(({ isOption }) => isOption);
  const folder = written(list);
  for (const [at, { diff }] of printed(folder, list).entries())
    expect(diff).toBe(`wrap() in ${list[at]?.file}\n+ concurrency: 6,\n`);
}, 60_000);

it('a file that was written since its executor was made is not edited', () => {
  const list = programs(entry).slice(0, 2);
  const folder = written(list);
  for (const [at, { diff }] of printed(folder, list, '--rewrite').entries())
    expect(diff).toBe(`wrap() in ${list[at]?.file}\n+ concurrency: 6,\n`);
}, 60_000);

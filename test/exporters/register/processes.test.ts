import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ReportData, reportOf } from 'sandtune/exporters';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { sandtune } from '../terminal/command.ts';

const family = fileURLToPath(new URL('./family-fixture.mts', import.meta.url));
const piscina = fileURLToPath(import.meta.resolve('piscina'));

function observe(folder: string, how: string, environment: NodeJS.ProcessEnv = {}) {
  return sandtune(folder, ['observe', '--', process.execPath, family, how], environment);
}

/** Calls in each report that standard error names. */
function callsTold(stderr: string): readonly number[] {
  return [...stderr.matchAll(/report of '[^']*': (.*)\.html/g)]
    .map(([, file]) => JSON.parse(readFileSync(`${file}.json`, 'utf8')) as ReportData)
    .map(({ accounting }) => accounting?.offered ?? -1)
    .sort((a, b) => a - b);
}

it('sandtune observe names the report of each process of a program, and none is written over another', async () => {
  const folder = temporaryFolder();
  const { code, stderr } = await observe(folder, 'parent');
  expect(code).toBe(0);
  expect(stderr).toContain('sandtune: 2 processes observed\n');
  expect(callsTold(stderr)).toEqual([11, 12]);
}, 60_000);

it('sandtune observe reports on a pool that a thread of the program has made', async () => {
  const { stderr } = await observe(temporaryFolder(), 'thread');
  expect(callsTold(stderr)).toEqual([13]);
}, 60_000);

it.each([
  ['the program itself', 'killed', 137, 'by SIGKILL '],
  ['one of its processes', 'parent of a killed one', 0, ''],
] as const)(
  'sandtune observe says that a pool was seen where SIGKILL ended %s, and what was stored of it',
  async (_, how, code, by) => {
    const folder = temporaryFolder();
    const ended = await observe(folder, how);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(
      `a call of 'worker' was seen, but its process was ended ${by}before it could report`,
    );
    expect(ended.stderr).not.toContain('no call of a piscina pool was seen');
    const reports = globSync('.sandtune/report/worker-*/report.json', { cwd: folder });
    // Nothing, or what the ledger holds.
    if (reports.length === 0) expect(ended.stderr).toContain('nothing of it was stored by then');
    else expect((await reportOf(join(folder, '.sandtune'))).data.session?.executor).toBe('worker');
  },
  60_000,
);

it('sandtune observe reports on a pool that its program destroys as soon as it is destroyed', async () => {
  const { stderr } = await observe(temporaryFolder(), 'killed once its pool is destroyed');
  expect(callsTold(stderr)).toEqual([5]);
}, 60_000);

it('sandtune observe measures the first pools of a program that makes many, and says how many it left out', async () => {
  const { stderr } = await observe(temporaryFolder(), 'many');
  expect(callsTold(stderr)).toHaveLength(16);
  expect(stderr).toContain('3 more pools were called and not measured');
}, 60_000);

it.each([
  ['is loaded by a module of its NODE_OPTIONS, in a folder with spaces', `require(${JSON.stringify(piscina)});`],
  [
    // As tsx does.
    'is compiled by a runner that reads files by itself',
    `require('node:module')._extensions['.js'] = (module, file) =>
       module._compile(require('node:fs').readFileSync(file, 'utf8'), file);`,
  ],
])(
  'sandtune observe finds a piscina that %s',
  async (_, source) => {
    const folder = temporaryFolder();
    const file = join(folder, 'a "b" c', 'own.cjs');
    mkdirSync(join(folder, 'a "b" c'));
    writeFileSync(file, source);
    const options = `--require "${file.replaceAll('"', '\\"')}"`;
    const { stderr } = await observe(folder, 'child', { NODE_OPTIONS: options });
    expect(callsTold(stderr)).toEqual([5]);
  },
  60_000,
);

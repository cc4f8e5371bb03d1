import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReportData } from 'sandtune/exporters';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { sandtune, started } from '../terminal/command.ts';

const app = fileURLToPath(new URL('./app-fixture.mts', import.meta.url));

function observed(folder: string, how: string) {
  return ['observe', '--state-dir', join(folder, 'state'), '--', process.execPath, app, how];
}

/** Calls of each pool, as its report has them. */
function callsReportedIn(folder: string): readonly number[] {
  return ['worker', 'worker-2'].map((name) => {
    const file = join(folder, 'state/report', name, 'report.json');
    const data = JSON.parse(readFileSync(file, 'utf8')) as ReportData;
    return data.accounting?.offered ?? 0;
  });
}

it.each([
  ['the end of its work', 'end', 0],
  ['process.exit()', 'exit', 7],
  ['an error', 'throw', 1],
] as const)(
  'sandtune observe reports on every copy of piscina in a program that ends by %s, and ends as it does',
  async (_, how, code) => {
    const folder = temporaryFolder();
    const ended = await sandtune(folder, observed(folder, how));
    expect(ended).toMatchObject({ code });
    // What the program sees of its pool is the pool's own.
    expect(ended.stdout).toBe('["AbortError","DataCloneError"]\n');
    expect(callsReportedIn(folder)).toEqual([102, 100]);
    // A program that is over is not told as one that goes on, and what is not known is told with its reason.
    const told = `${ended.stderr}${readFileSync(join(folder, 'state/report/worker/report.md'), 'utf8')}`;
    expect(told).not.toMatch(/still (?:runs|measuring)|not known yet/);
    expect(ended.stderr).toMatch(/'worker': Noise: not known \(.* window/);
  },
  60_000,
);

it.each([
  ['has no handler for it', 'signal', 143],
  ['handles it', 'own handler', 3],
  ['ends of it where nobody else handles it', 'counting handler', 143],
] as const)(
  'sandtune observe passes a signal on to a program that %s, and reports',
  async (_, how, code) => {
    const folder = temporaryFolder();
    const { child, ended } = started(folder, observed(folder, how));
    child.stdout?.on('data', (data: Buffer) => {
      if (data.toString().includes('waiting')) child.kill('SIGTERM');
    });
    expect(await ended).toMatchObject({ code });
    expect(callsReportedIn(folder)).toEqual([102, 100]);
  },
  60_000,
);

it('sandtune observe says when it saw no pool, and what measures everything else', async () => {
  const folder = temporaryFolder();
  const ended = await sandtune(folder, ['observe', '--', process.execPath, '-e', '']);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).toContain('no call of a piscina pool was seen');
  expect(existsSync(join(folder, '.sandtune'))).toBe(false);
}, 60_000);

it('sandtune observe lets a program load a piscina that cannot be read or changed', async () => {
  const folder = temporaryFolder();
  const odd = [
    "exports.__defineGetter__('Piscina', () => { throw new Error('not read') });",
    "module.exports = new Proxy(class {}, { getOwnPropertyDescriptor() { throw new Error('not read') }, get() { throw new Error('not read') } });",
    'module.exports = class { run() {} }; Object.freeze(module.exports.prototype);',
    "module.exports = class { run() {} }; module.exports.__defineGetter__('Piscina', () => { throw new Error('not read') });",
  ];
  const lines = odd.map((source, index) => {
    const own = join(folder, `odd-${index}`);
    mkdirSync(join(own, 'dist'), { recursive: true });
    writeFileSync(join(own, 'package.json'), '{ "name": "piscina", "main": "dist/index.js" }');
    writeFileSync(join(own, 'dist/index.js'), source);
    return `require(${JSON.stringify(own)});`;
  });
  writeFileSync(join(folder, 'app.cjs'), `${lines.join('\n')}\nconsole.log('all loaded');`);
  const ended = await sandtune(folder, ['observe', '--', process.execPath, join(folder, 'app.cjs')]);
  expect(ended).toMatchObject({ code: 0, stdout: 'all loaded\n' });
}, 60_000);

it('sandtune observe refuses what it cannot start, and a program without --', async () => {
  const folder = temporaryFolder();
  expect(await sandtune(folder, ['observe', '--', './no-such-program'])).toMatchObject({ code: 1 });
  expect(await sandtune(folder, ['observe', app])).toMatchObject({ code: 2 });
  expect(await sandtune(folder, ['observe'])).toMatchObject({ code: 2 });
}, 60_000);

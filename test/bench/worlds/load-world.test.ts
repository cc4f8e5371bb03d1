/** A world from a file: what is refused of it, and that it is refused by name before a figure is made of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadWorld } from '../../../bench/worlds/load-world.ts';
import { wholeRun } from '../../../bench/worlds/whole-run.ts';
import { refusalOf } from '../../support/refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandtune-worlds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readme = readFileSync(new URL('../../../bench/worlds/README.md', import.meta.url), 'utf8');
const sound = /## One of your own\n[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
let files = 0;

function fileOf(text: string, name = `world-${++files}.mts`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The world after the README with one thing changed. */
function changed(from: string, to: string): string {
  expect(sound.split(from)).toHaveLength(2);
  return fileOf(sound.replace(from, to));
}

describe('a file that holds no world', () => {
  it.each([
    ['is not there', () => join(folder, 'missing.mjs'), /^world .*missing\.mjs: could not be loaded/],
    ['is no program', () => fileOf('const ;'), /could not be loaded/],
    ['throws when it is loaded', () => fileOf("throw new Error('no licence');"), /could not be loaded: no licence$/],
    ['exports nothing', () => fileOf(''), /expected a function as default export, got undefined$/],
    ['exports a number', () => fileOf('export default 7;'), /expected a function as default export, got 7$/],
    [
      'exports a promise',
      () => fileOf('export default Promise.resolve(() => ({}));'),
      /expected a function as default export, got a promise: a world is made at once/,
    ],
  ])('a file that %s is refused as a world', async (_, file, message) => {
    await expect(loadWorld(file())).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_INPUT',
      message: expect.stringMatching(message),
    });
  });

  const parts = 'truth: () => ({ rate: 1, p99Ms: 1, errorFraction: 0 }), advance() {}';
  it.each([
    ['export default () => ({ executor: { knobs: [] }, truth() {} });', /advance\(\) }, got { executor, truth }$/],
    ['export default () => null;', /expected a world: .*, got null$/],
    ['export default async () => ({});', /expected a world: .*, got a promise: a world is made at once/],
    ["export default () => { throw new Error('no seed'); };", /its function threw: no seed$/],
    [`export default () => ({ executor: { knobs: [], openWindow() {} }, ${parts} });`, /its executor: .*no run\(\)/],
    [
      `const f = () => {}; export default () => ({ executor: { name: 'w', knobs: [{ id: 'size' }], openWindow: f, run: f, close: f }, ${parts} });`,
      /knob "size": expected a function read\(\)/,
    ],
  ])('a function that makes no world is refused when it is asked for one: %s', async (text, message) => {
    const make = await loadWorld(fileOf(text));
    expect(refusalOf(() => make(1))).toMatch(message);
    expect(refusalOf(() => make(1))).toMatch(/^ERR_SANDTUNE_INPUT world \S+world-\d+\.mts: /);
  });
});

describe('a truth that cannot be', () => {
  const truth = 'return { rate, p99Ms: (1000 * inFlight) / rate, errorFraction: 0 };';
  it.each([
    ["throw new Error('unknown setting');", /truth\(\) threw: unknown setting$/],
    ['return { rate: Number.NaN, p99Ms: 1, errorFraction: 0 };', /expected a finite rate from 0, got NaN$/],
    ['return { rate: -1, p99Ms: 1, errorFraction: 0 };', /expected a finite rate from 0, got -1$/],
    ['return { rate, errorFraction: 0 } as never;', /expected a p99Ms from 0, got undefined$/],
    ['return { rate, p99Ms: 1, errorFraction: 2 };', /expected an errorFraction from 0 to 1, got 2$/],
    ['return Promise.resolve({ rate, p99Ms: 1, errorFraction: 0 }) as never;', /at once, got a promise$/],
  ])('a truth that does this is refused: %s', async (text, message) => {
    const make = await loadWorld(changed(truth, text));
    expect(refusalOf(() => make(1))).toMatch(message);
  });
});

describe('a window that cannot be', () => {
  const run = async (file: string) => {
    const make = await loadWorld(file);
    return wholeRun(make(1), { goal: { maximize: 'throughput' }, seed: 1, forMs: 20_000 });
  };

  it.each([
    ['offered: calls,', 'offered: Number.NaN,', /a window of its executor: expected a window, each field a figure/],
    ['offered: calls,', 'offered: -3,', /expected offered to be a whole number from 0, got -3$/],
    ['offered: calls,', 'offered: calls + 1,', /expected offered \+ backlogAtStart = settled \+ backlogAtEnd, got/],
    [
      '    latency,\n',
      '    latency: { ...latency, count: 1e6 },\n',
      /latency: expected a count of \d+, the sum of counts, got 1000000$/,
    ],
    [
      '    latency,\n',
      '    latency: { ...latency, count: 2, boundsNs: [9e6, 1e6], counts: [1, 1] },\n',
      /latency: expected ascending boundsNs from 0, so that p50 ≤ p99, got 9000000 and then 1000000$/,
    ],
    [
      'endMs: nowMs, epoch',
      'endMs: nowMs + 9, epoch',
      /expected an endMs of [\d.]+, the sum of what was advanced, got/,
    ],
    [
      'nowMs += ms;',
      "nowMs += ms; if (nowMs > 5000) throw new Error('out of data');",
      /advance\(\) threw: out of data$/,
    ],
    [
      'nowMs += ms;',
      'nowMs += ms; return Promise.resolve() as never;',
      /expected advance\(\) to be done when it returns/,
    ],
  ])('a run in a world with this in place of %s is refused: %s', async (from, to, message) => {
    await expect(run(changed(from, to))).rejects.toMatchObject({
      code: 'ERR_SANDTUNE_INPUT',
      message: expect.stringMatching(message),
    });
  });

  it('a run in the world after the README is refused nothing', async () => {
    await expect(run(fileOf(sound))).resolves.toMatchObject({ broken: [] });
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tuner as tunerOf } from '../../bench/against/c42659f.ts';
import { entriesOf } from '../../bench/arms/entries.ts';
import { openRemoteArm, ourPackage } from '../../bench/arms/remote-arm.ts';
import { quiet } from '../../bench/worlds/arms.ts';
import { createWorld } from '../../bench/worlds/simulated.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { FixtureSpec } from './arms-fixture.mts';

const open = (spec: FixtureSpec, signal?: AbortSignal) =>
  openRemoteArm({
    module: new URL('./arms-fixture.mts', import.meta.url),
    spec,
    package: ourPackage,
    ...(signal && { signal }),
  });

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('an arm in a process of its own', () => {
  it('an arm in a process of its own gives the numbers of its windows, and its process ends when it is closed', async () => {
    const arm = await open({ kind: 'answers', value: Number.NaN });
    const { pid = 0, ...numbers } = await arm.measure(20);
    expect(numbers).toEqual({ value: Number.NaN, forMs: 20, entries: 2 });
    expect(pid).not.toBe(process.pid);
    expect(isAlive(pid)).toBe(true);
    await arm[Symbol.asyncDispose]();
    expect(isAlive(pid)).toBe(false);
  });

  it('an arm in a process of its own passes on its error, from being opened and from being measured', async () => {
    await expect(open({ kind: 'does-not-open' })).rejects.toThrow('no such entry');
    await using arm = await open({ kind: 'wrong-result' });
    await expect(arm.measure(20)).rejects.toThrow('expected 3, got 4');
  });

  it('an arm whose process ends by itself fails with its exit code and its last words', async () => {
    await using arm = await open({ kind: 'ends' });
    await expect(arm.measure(20)).rejects.toThrow("the arm's process ended with 7: out of memory");
    await expect(arm.measure(20)).rejects.toThrow();
  });

  it('an arm in a process of its own is ended in the middle of a window when the run is interrupted', async () => {
    const controller = new AbortController();
    await using arm = await open({ kind: 'never-answers' }, controller.signal);
    const measured = arm.measure(20);
    controller.abort();
    await expect(measured).rejects.toThrow('aborted');
  });
});

describe('the entries of a package', () => {
  it('the entries of this checkout are those the package exports', async () => {
    const entries = entriesOf(ourPackage);
    const { createSandbox, wrap } = await entries.sandtune();
    expect([createSandbox, wrap, (await entries.tuner()).tune].map((one) => typeof one)).toEqual(
      Array.from({ length: 3 }, () => 'function'),
    );
  });

  it('the entries of another package are found by its own exports, and renamed by its file of names', async () => {
    const root = temporaryFolder();
    const write = (file: string, text: string) => writeFileSync(join(root, file), text);
    mkdirSync(join(root, 'lib'));
    write(
      'package.json',
      JSON.stringify({
        name: 'sandtune',
        type: 'module',
        exports: { '.': './lib/main.js', './tuner': './lib/tuner.js' },
      }),
    );
    write('lib/main.js', "export const createSandbox = 'theirs';");
    write('lib/tuner.js', "export const adjust = 'their tune';");
    write('names.mjs', 'export const tuner = ({ adjust }) => ({ tune: adjust });');
    expect(await entriesOf({ root, names: null }).tuner()).toMatchObject({ adjust: 'their tune' });
    const entries = entriesOf({ root, names: join(root, 'names.mjs') });
    expect(await entries.tuner()).toEqual({ tune: 'their tune' });
    expect(await entries.sandtune()).toMatchObject({ createSandbox: 'theirs' });
  });

  it('the entries of c42659f take the sizes of trials beside the other options, and the surroundings apart', () => {
    const asked: unknown[] = [];
    const { tune } = tunerOf({ tune: (...args) => asked.push(...args) as never });
    const { executor } = createWorld(quiet, 1);
    const surroundings = { environment: {} };
    tune(executor, { mode: 'auto', expert: { windowMs: 100 }, surroundings });
    expect(asked).toEqual([executor, { mode: 'auto', windowMs: 100 }, surroundings]);
  });
});

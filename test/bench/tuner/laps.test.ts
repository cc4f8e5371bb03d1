import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ours } from '../../../bench/tuner/lap.ts';
import { type LapJob, runLaps } from '../../../bench/tuner/laps.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandtune-laps-'));
afterAll(() => rmSync(folder, { recursive: true }));

const job = (world: string, seed = 1): LapJob => ({
  world,
  seed,
  forMs: 30_000,
  rules: ['random', 'aimd'],
  python: null,
});

it('laps on threads come in the order they were asked for, with all rules, and the same seed gives the same', async () => {
  const jobs = [job('cache-loop'), job('null-static', 2), job('null-static', 2)];
  const [first, second, third] = await runLaps(jobs, { threads: 2 });
  expect(first).toMatchObject({ world: 'cache-loop', seed: 1, knobs: 1 });
  expect(Object.keys(first?.runs ?? {})).toEqual([ours, 'random', 'aimd']);
  expect(second).toMatchObject({ world: 'null-static', seed: 2 });
  expect(third).toEqual(second);
});

it('what is wrong with a world ends all laps with an error that names its file', async () => {
  const file = join(folder, 'torn.mjs');
  writeFileSync(file, `export default () => ({ executor: {}, advance() {} });`);
  await expect(runLaps([job(file), job('null-static')], { threads: 2 })).rejects.toMatchObject({
    code: 'ERR_SANDTUNE_INPUT',
    message: expect.stringContaining('torn.mjs'),
  });
});

it('laps that are interrupted end with the reason', async () => {
  const controller = new AbortController();
  const ended = runLaps([job('cache-loop'), job('cache-loop', 2), job('cache-loop', 3)], {
    threads: 1,
    signal: controller.signal,
    done: () => controller.abort(new Error('enough')),
  });
  await expect(ended).rejects.toThrow('enough');
});

/** Whole runs where calls wait for others: in threads that may have several at once, and behind a service that is asked. */
import { describe, expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../bench/worlds/catalogue/catalogue.ts';
import { wholeRun } from '../../bench/worlds/whole-run.ts';
import type { TuneOptions } from '../../tuner/options.ts';

const run = (name: string, seed: number, options: TuneOptions = {}) =>
  wholeRun(makeWorld(worldNamed(name), seed), { goal: worldNamed(name).goal, seed, forMs: 300_000, options });

describe('threads whose calls wait', () => {
  it.each([1, 2, 3])(
    'have several calls at once, which is worth more than as many threads as may be (seed %i)',
    async (seed) => {
      const { finalThird, whole, broken } = await run('pool-overlapping', seed);
      expect(broken).toEqual([]);
      expect(whole.exposed).toBeLessThanOrEqual(0.01);
      expect(finalThird.ofBest).toBeGreaterThan(0.9);
      const threadsAlone = await run('pool-overlapping', seed, { fixed: { callsPerThread: 1 } });
      expect(finalThird.ofBest).toBeGreaterThan(1.5 * threadsAlone.finalThird.ofBest);
    },
  );
});

describe('a function without a limit', () => {
  it.each([1, 2, 3])(
    'is called with batches where the service it asks is sooner done with them (seed %i)',
    async (seed) => {
      const { finalThird, whole } = await run('batching-asked', seed);
      expect(finalThird.ofBest).toBeGreaterThan(0.95);
      expect(whole.exposed).toBeLessThanOrEqual(0.01);
    },
  );

  it.each([1, 2, 3])('is not where each batch takes its time (seed %i)', async (seed) => {
    const { end, whole, moved } = await run('batching-alone', seed);
    expect(end).toEqual({ batchSize: 1 });
    expect(moved).toBe(0);
    expect(whole.ofDefault).toBeGreaterThan(0.99);
  });
});

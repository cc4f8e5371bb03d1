/** Whole runs where calls may travel in messages or in shared memory, in which a batch size has no effect. */
import { describe, expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../bench/worlds/catalogue/catalogue.ts';
import { wholeRun } from '../../bench/worlds/whole-run.ts';
import type { Executor } from '../../src/contracts.ts';
import type { TuneOptions } from '../../tuner/options.ts';

const named = worldNamed('pool-transport');

/** A run, and the batch sizes of its windows in shared memory. */
async function runOf(seed: number, options: TuneOptions = {}) {
  const world = makeWorld(named, seed);
  const sizesInRing = new Set<unknown>();
  const openWindow: Executor['openWindow'] = () => {
    const open = world.executor.openWindow();
    return {
      cut: () => {
        const window = open.cut();
        const { transport, batchSize } = window.settings;
        if (window.steady && transport === 'ring') sizesInRing.add(batchSize);
        return window;
      },
      get settledCount() {
        return open.settledCount;
      },
      [Symbol.dispose]: () => open[Symbol.dispose](),
    };
  };
  const watched = { ...world, executor: { ...world.executor, openWindow } };
  const run = await wholeRun(watched, { goal: named.goal, seed, forMs: 240_000, options });
  return { ...run, sizesInRing: [...sizesInRing] };
}

describe('where shared memory is best', () => {
  it.each([3, 4])('it is found by itself, and no batch size is tried there (seed %i)', async (seed) => {
    const { end, finalThird, broken, sizesInRing } = await runOf(seed);
    expect(broken).toEqual([]);
    expect(end).toMatchObject({ transport: 'ring', batchSize: 1 });
    expect(finalThird.ofBest).toBeGreaterThan(0.95);
    expect(sizesInRing).toEqual([1]);
  });

  it('without the knob less is found', async () => {
    const { finalThird } = await runOf(3, { fixed: { transport: 'message' } });
    expect(finalThird.ofBest).toBeLessThan(0.9);
  });
});

it.each([1, 5])('where fuller batches do better, calls go on in messages (seed %i)', async (seed) => {
  const { end, finalThird, broken } = await runOf(seed);
  expect(broken).toEqual([]);
  expect(end).toMatchObject({ transport: 'message' });
  expect(finalThird.ofBest).toBeGreaterThan(0.9);
});

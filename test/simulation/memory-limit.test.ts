/** A limit of memory in a whole run: threads are faster than there is memory for. */
import { expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../bench/worlds/catalogue/catalogue.ts';
import { wholeRun } from '../../bench/worlds/whole-run.ts';
import type { Executor } from '../../src/contracts.ts';
import type { GoalWords } from '../../tuner/goal.ts';

const named = worldNamed('pool-memory');
const limitBytes = 850e6;

/** The run, and the most memory that any window of it told of. */
async function runOf(goal: GoalWords, seed: number) {
  const world = makeWorld(named, seed);
  let peakBytes = 0;
  const openWindow: Executor['openWindow'] = () => {
    const open = world.executor.openWindow();
    return {
      cut: () => {
        const window = open.cut();
        peakBytes = Math.max(peakBytes, window.rssBytes ?? 0);
        return window;
      },
      get settledCount() {
        return open.settledCount;
      },
      [Symbol.dispose]: () => open[Symbol.dispose](),
    };
  };
  const run = await wholeRun({ ...world, executor: { ...world.executor, openWindow } }, { goal, seed, forMs: 300_000 });
  return { ...run, peakBytes };
}

it.each([1, 2, 3])(
  'a run under a limit of memory uses the threads that fit, and none that do not (seed %i)',
  async (seed) => {
    const { peakBytes, finalThird, end, broken } = await runOf(named.goal, seed);
    expect(broken).toEqual([]);
    expect(peakBytes).toBeLessThanOrEqual(limitBytes);
    expect(end['threads']).toBe(8);
    expect(finalThird.ofBest).toBeGreaterThan(0.9);
  },
);

it('the same run without the limit takes more memory than there is', async () => {
  const { peakBytes } = await runOf({ maximize: 'throughput' }, 1);
  expect(peakBytes).toBeGreaterThan(limitBytes);
});

/** What becomes of a setting whose commit was undone in its hold-back: it looked well in its trial, and would again. */
import { expect, it, onTestFinished } from 'vitest';
import { guardWorld } from '../../../bench/tuner/guard-worlds.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { tune } from '../../../tuner/tune.ts';
import { recordsOf } from '../../support/tuned-world.ts';

it('a setting that did harm in its hold-back is not proposed again within minutes, and its back-off counts it three times', async () => {
  const world = guardWorld('harm-errors-40', 4);
  const { surroundings, timers } = manualTime(world);
  const tuner = tune(world.executor, {
    mode: 'auto',
    stateDir: ':memory:',
    maximize: 'throughput',
    seed: 4,
    surroundings,
  });
  onTestFinished(() => tuner.stop());
  const candidate = { concurrency: 16 };
  expect(await tuner.propose(candidate)).toMatchObject({ decision: 'commit' });
  await timers.sleep(300_000);
  const undone = tuner.history.trials.find(({ purpose }) => purpose === 'hold-back');
  expect(undone?.decision && triggers[undone.decision.trigger].harms).toBe(true);
  const harmedFrom = undone?.baseline;
  expect(harmedFrom).toMatchObject({ concurrency: expect.any(Number) });
  expect(recordsOf(tuner, 'back-off')[0]).toMatchObject({ settings: candidate, failures: 3, harmedFrom });
  expect(recordsOf(tuner, 'sealed').filter(({ settings }) => settings['concurrency'] === 16)).toHaveLength(1);
});

/** A service of few calls in mode auto, under the guardrails that everybody has who wrote none. */
import { expect, it, onTestFinished } from 'vitest';
import { batched } from '../../../bench/worlds/laws.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { batchKnob } from '../../../bench/worlds/pool.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { tune } from '../../../tuner/tune.ts';
import { recordsOf } from '../../support/tuned-world.ts';

it('a setting that would serve seventy calls a second several times as fast is tried, with windows long enough for the default guardrails', async () => {
  const world = createWorld(
    {
      name: 'few calls',
      knobs: [batchKnob],
      load: { kind: 'closed', inFlight: 8 },
      law: batched({ width: 1, perBatchMs: 13, perCallMs: 1 }),
      noise: { sigma: 0.05 },
    },
    3,
  );
  const { surroundings } = manualTime(world);
  const tuner = tune(world.executor, {
    mode: 'auto',
    stateDir: ':memory:',
    seed: 5,
    surroundings,
    expert: { overheadPairs: 0, noisePairs: 0 },
  });
  onTestFinished(() => tuner.stop());
  const isTried = new Promise<void>((resolve) => {
    tuner.watch((entry) => {
      if (entry.kind === 'record' && entry.record.kind === 'sealed') resolve();
    });
  });
  await Promise.race([isTried, tuner.settled()]);
  const [tried] = recordsOf(tuner, 'trial').filter(({ purpose }) => purpose === 'candidate');
  expect(tried?.unjudged).toEqual([]);
  expect(tried?.design.windowMs).toBeGreaterThan(1000);
});

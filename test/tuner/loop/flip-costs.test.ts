import { expect, it, onTestFinished } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { tune } from '../../../tuner/tune.ts';
import { quickOptions, recordsOf } from '../../support/tuned-world.ts';

it.each([
  ['what the flips of a trial were seen to lose is waited out in the next one', { forMs: 80, share: 0.7 }, true],
  ['where flips lose nothing, the next trial waits no longer', undefined, false],
])('%s', async (_, transition, waits) => {
  const world = createWorld(
    {
      name: 'world',
      knobs: [{ id: 'size', defaultValue: 1 }],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ size }) => ({ perSecond: size === 8 ? 15_000 : 10_000 }),
      noise: { sigma: 0.02, ...(transition && { transition }) },
    },
    1,
  );
  const { surroundings } = manualTime(world);
  const tuner = tune(world.executor, { ...quickOptions, surroundings });
  onTestFinished(() => tuner.stop().then(() => undefined));
  await tuner.propose({ size: 8 });
  await tuner.propose({ size: 2 });
  const [first, second] = recordsOf(tuner, 'trial').filter(({ purpose }) => purpose === 'candidate');
  const discardsMs = [first, second].map((one) => one?.design.discardMs ?? Number.NaN) as [number, number];
  expect(discardsMs[1] > 2 * discardsMs[0]).toBe(waits);
});

import { expect, it, onTestFinished } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { entryOf, isRecord, quickOptions, recordsOf } from '../../support/tuned-world.ts';

const candidatesOf = (tuner: Tuner) => recordsOf(tuner, 'trial').filter(({ purpose }) => purpose === 'candidate');

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
  const [first, second] = candidatesOf(tuner);
  const discardsMs = [first, second].map((one) => one?.design.discardMs ?? Number.NaN) as [number, number];
  expect(discardsMs[1] > 2 * discardsMs[0]).toBe(waits);
});

it('what changes cost no longer is waited out ever less', async () => {
  const world = createWorld(
    {
      name: 'world',
      knobs: [{ id: 'size', defaultValue: 1 }],
      load: { kind: 'closed', inFlight: 64 },
      // Only at first a change loses something.
      law: ({ size }, atMs, { stayedMs }) => ({
        perSecond: (size === 8 ? 15_000 : 10_000) * (atMs < 20_000 && stayedMs < 80 ? 0.3 : 1),
      }),
      changes: (afterMs, movedMs) => (afterMs < movedMs + 80 ? movedMs + 80 : Infinity),
      noise: { sigma: 0.02 },
    },
    1,
  );
  const { surroundings, timers, clock } = manualTime(world);
  const tuner = tune(world.executor, { ...quickOptions, surroundings });
  onTestFinished(() => tuner.stop().then(() => undefined));
  await tuner.propose({ size: 8 });
  await timers.sleep(Math.max(0, 20_000 - clock.now()));
  await tuner.propose({ size: 2 });
  tuner.propose({ size: 4 }).catch(() => undefined);
  await entryOf(tuner, (entry) => isRecord('trial')(entry) && candidatesOf(tuner).length === 3);
  const discardsMs = candidatesOf(tuner).map(({ design }) => design.discardMs);
  const first = discardsMs[0] ?? Number.NaN;
  const dearest = Math.max(...discardsMs);
  expect(dearest).toBeGreaterThan(2 * first);
  expect(discardsMs.at(-1)).toBeLessThan(0.6 * dearest);
});

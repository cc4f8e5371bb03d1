/** Probes and flips in a whole session: how long a harm lasts, and that one setting is truly tried against itself. */
import { expect, it, onTestFinished } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { Window } from '../../../src/contracts.ts';
import { tune } from '../../../tuner/tune.ts';
import { quickOptions, recordsOf, tunedWorld } from '../../support/tuned-world.ts';

it('a probe that hurts ends after its first window', async () => {
  const world = createWorld(
    {
      name: 'harmful elsewhere',
      knobs: [{ id: 'concurrency', defaultValue: 8, domain: { min: 1, max: 64, scale: 'log', integer: true } }],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency }) => ({ perSecond: concurrency === 8 ? 2000 : 600, waitShare: 0.5 }),
      noise: { sigma: 0.02 },
    },
    1,
  );
  const { surroundings } = manualTime(world);
  const tuner = tune(world.executor, { ...quickOptions, surroundings });
  onTestFinished(() => tuner.stop());
  const elsewhere: Window[] = [];
  tuner.watch((entry) => {
    if (entry.kind === 'event' && entry.event.kind === 'measured' && entry.event.window.settings['concurrency'] !== 8)
      elsewhere.push(entry.event.window);
  });
  await tuner.settled();
  const probes = recordsOf(tuner, 'probe');
  expect(probes.length).toBeGreaterThan(0);
  expect(elsewhere).toHaveLength(probes.length);
});

it('that no probe may be made is said once, however many rests go by', async () => {
  const world = makeWorld(worldNamed('null-static'), 1);
  const { surroundings, timers } = manualTime(world);
  const tuner = tune(world.executor, { mode: 'advise', stateDir: ':memory:', maximize: 'throughput', surroundings });
  onTestFinished(() => tuner.stop());
  await timers.sleep(3 * 3_600_000);
  expect(recordsOf(tuner, 'phase').filter(({ phase }) => phase === 'resting').length).toBeGreaterThan(3);
  expect(recordsOf(tuner, 'not-tried').filter(({ code }) => code === 'needs-probe')).toHaveLength(1);
});

it('a trial of one setting against itself applies every knob at each change of arm', async () => {
  const { world, tuner } = tunedWorld({ rate: () => 10_000 }, { fixed: { size: 1 } });
  await tuner.settled();
  const [noise] = recordsOf(tuner, 'trial').filter(({ purpose }) => purpose === 'a/a');
  expect(noise).toBeDefined();
  expect(world.applied.length).toBeGreaterThanOrEqual(6);
  expect(world.applied.every(([id, value]) => id === 'size' && value === 1)).toBe(true);
});

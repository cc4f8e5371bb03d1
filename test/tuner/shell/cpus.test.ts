import { expect, test } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { Actuator } from '../../../tuner/shell/actuator.ts';
import { ratedWorld } from '../../support/tuned-world.ts';

test('a window says how many CPUs there are now where these are not those of the beginning', async () => {
  const world = ratedWorld({ rate: () => 1000 });
  const { clock, timers } = manualTime(world);
  let now = 4;
  const cpus = { atStart: 4, read: () => now };
  const actuator = new Actuator(world.executor, clock, timers, false, () => {}, cpus);
  const span = { discardMs: 0, forMs: 100, minCompletions: 0, maxMs: 1000 };
  const action = { kind: 'measure', arm: 'baseline', settings: { size: 1 }, ...span } as const;
  const measured = () => actuator.carryOut(action, new AbortController().signal);
  expect(await measured()).not.toHaveProperty('cpus');
  now = 1.5;
  expect(await measured()).toMatchObject({ kind: 'measured', cpus: 1.5 });
});

import { expect, it } from 'vitest';
import { entriesOf } from '../../../bench/arms/entries.ts';
import { ourPackage } from '../../../bench/arms/remote-arm.ts';
import { openArm } from '../../../bench/tuner/proven-arm.ts';

it('a run until proven ends when a setting that is nearly the best is the anchor, and the same seed gives the same', async () => {
  await using arm = await openArm({ world: 'cache-loop', forMs: 300_000 }, entriesOf(ourPackage));
  const numbers = await arm.measure(1);
  expect(numbers).toMatchObject({ proven: 1 });
  expect(numbers['seconds']).toBeLessThan(300);
  expect(numbers['trials']).toBeGreaterThan(0);
  expect(numbers['ofBest']).toBeGreaterThanOrEqual(0.95);
  expect(await arm.measure(1)).toEqual(numbers);
});

it('a run in which nothing was proven counts with all of its seconds', async () => {
  await using arm = await openArm({ world: 'null-static', forMs: 20_000 }, entriesOf(ourPackage));
  expect(await arm.measure(1)).toMatchObject({ proven: 0, seconds: 20 });
});

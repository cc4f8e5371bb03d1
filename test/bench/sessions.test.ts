import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../bench/arms/entries.ts';
import { ourPackage } from '../../bench/arms/remote-arm.ts';
import { openArm } from '../../bench/tuner/session-arm.ts';

describe('a session of the bench', () => {
  it.each([
    [0.5, 1],
    [-0.5, 0],
  ])('a session with a candidate of %d has %d commits and takes simulated time', async (effect, committed) => {
    await using arm = await openArm({ effect }, entriesOf(ourPackage));
    const numbers = await arm.measure(3);
    expect(numbers).toEqual({ committed, 'seconds-to-decide': expect.any(Number) });
    expect(numbers['seconds-to-decide']).toBeGreaterThan(3);
    expect(await arm.measure(3)).toEqual(numbers);
  });
});

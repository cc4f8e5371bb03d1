import { expect, it } from 'vitest';
import { entriesOf } from '../../bench/arms/entries.ts';
import { ourPackage } from '../../bench/arms/remote-arm.ts';
import { guestBytes } from '../../bench/core/guest.ts';
import { openArm as openIdleArm } from '../../bench/core/idle-arms.ts';
import { cpuAt, openArm, rateAt } from '../../bench/core/lengths/arms.ts';

it.each([{ kind: 'guest-alone', threads: 2 }, { kind: 'in-thread' }, { kind: 'ring', threads: 2 }] as const)(
  'the arm $kind tells rate and CPU of each length, and stops',
  async (arm) => {
    const lengths = [100, 10_000];
    await using opened = await openArm({ arm, lengths, inFlight: 4, bytes: await guestBytes() }, entriesOf(ourPackage));
    for (let round = 0; round < 2; round++) {
      const numbers = await opened.measure(20);
      for (const turns of lengths) {
        expect(numbers[rateAt(turns)]).toBeGreaterThan(0);
        expect(numbers[cpuAt(turns)]).toBeGreaterThan(0);
      }
    }
  },
);

it.each([{ kind: 'ring', threads: 2 } as const, null])('the idle arm %o tells a share of a CPU', async (arm) => {
  await using opened = await openIdleArm({ arm, bytes: await guestBytes() }, entriesOf(ourPackage));
  const { 'cpu-fraction': fraction } = await opened.measure(20);
  expect(fraction).toBeGreaterThanOrEqual(0);
  expect(fraction).toBeLessThan(8);
});

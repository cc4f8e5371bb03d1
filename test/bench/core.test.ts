import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../bench/arms/entries.ts';
import { ourPackage } from '../../bench/arms/remote-arm.ts';
import { openArm as openAlikeArm } from '../../bench/core/alike/arms.ts';
import { overRing } from '../../bench/core/alike/workloads.ts';
import { openArm } from '../../bench/core/arms.ts';
import { expectedWork, guestBytes } from '../../bench/core/guest.ts';
import { figureName, roundTrip, throughput, wrapping } from '../../bench/core/workloads.ts';
import { checkFigures } from '../../bench/figure.ts';

const workloads = [...throughput, ...roundTrip, ...wrapping];

describe('the figures of core', () => {
  it('figures of core have names and targets that contradict nothing, and targets speak of peers that are measured', () => {
    const figures = [...workloads, ...overRing].flatMap((workload) =>
      workload.figures.map((one) => ({
        ...one.figure,
        name: figureName(workload, one),
        value: 1,
        samples: 1,
        peers: Object.fromEntries(Object.keys(workload.arms).map((arm) => [arm, 1])),
      })),
    );
    expect(checkFigures(figures)).toHaveLength(figures.length);
    for (const { peers, targets = [] } of figures)
      for (const { of } of targets) expect(Object.keys(peers)).toEqual(expect.arrayContaining([of ?? []].flat()));
  });
});

describe('every arm of core', () => {
  const kinds = new Map(workloads.flatMap(({ arms }) => Object.values(arms)).map((arm) => [arm.kind, arm]));

  it.each([...kinds])('the arm %s gives the guest’s own results and every number of its figures', async (_, arm) => {
    const load = { turns: 10, inFlight: 3, timedEvery: 2 };
    await using opened = await openArm({ arm, load, bytes: await guestBytes() }, entriesOf(ourPackage));
    const numbers = await opened.measure(5);
    for (const { number } of workloads.flatMap(({ figures }) => figures)) expect(numbers[number]).toBeGreaterThan(0);
  });

  const alike = new Map(overRing.flatMap(({ arms }) => Object.values(arms)).map((arm) => [JSON.stringify(arm), arm]));

  it.each([...alike])(
    'the arm %s, whose calls carry what ours do, gives the results of guest and bytes',
    async (_, arm) => {
      const loads = [
        { turns: 10, inFlight: 3, timedEvery: 2 },
        { turns: 0, bytes: 300, inFlight: 3, timedEvery: 2 },
      ];
      // Numbers have no buffer that could change hands, nor one that they could be put into.
      const bytesOnly = arm.kind === 'transfer' || 'results' in arm;
      const carried = arm.kind === 'bare-ring' ? loads.slice(0, 1) : bytesOnly ? loads.slice(1) : loads;
      for (const load of carried) {
        await using opened = await openAlikeArm({ arm, load, bytes: await guestBytes() }, entriesOf(ourPackage));
        const numbers = await opened.measure(5);
        for (const { number } of overRing.flatMap(({ figures }) => figures)) expect(numbers[number]).toBeGreaterThan(0);
      }
    },
  );

  it('an arm of core is stopped by a wrong result', async () => {
    const other = await guestBytes();
    const at = other.lastIndexOf(0x41);
    expect(at).toBeGreaterThan(0);
    other[at + 1] = 2;
    const load = { turns: 10, inFlight: 1, timedEvery: 1 };
    await using opened = await openArm({ arm: { kind: 'function' }, load, bytes: other }, entriesOf(ourPackage));
    await expect(opened.measure(5)).rejects.toThrow(`expected ${expectedWork(10)}, got`);
  });
});

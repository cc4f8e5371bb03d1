import { expect, it } from 'vitest';
import { bootstrapped, byWorld } from '../../../bench/tuner/bootstrap.ts';
import { type Lap, ours } from '../../../bench/tuner/lap.ts';
import { isNull, isWorst, peersAhead, peersIn, regretOf, where } from '../../../bench/tuner/reading.ts';
import type { Worth } from '../../../bench/worlds/score.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';

function lapOf(world: string, seed: number, shares: Readonly<Record<string, number>>, defaultOfBest = 0.5): Lap {
  const worth = (ofBest: number): Worth => ({
    ofBest,
    ofDefault: ofBest / defaultOfBest,
    defaultOfBest,
    staticOfBest: 1,
    exposed: 0,
  });
  const runs = Object.entries(shares).map(
    ([rule, share]) =>
      [
        rule,
        { whole: worth(share), finalThird: worth(share), curve: [], regimeS: 2000, readaptedS: [], broken: [] },
      ] as const,
  );
  return { world, seed, knobs: 1, seconds: 2000, bestStatic: {}, runs: Object.fromEntries(runs) };
}

it('the interval holds the truth in about 95 % of cases, and is as wide as seeds differ', () => {
  const random = randomStream(5, 'cases');
  let held = 0;
  for (let i = 0; i < 40; i++) {
    const laps = byWorld(
      ['a', 'b'].flatMap((world) =>
        Array.from({ length: 20 }, (_, seed) => lapOf(world, seed, { [ours]: 0.8 + 0.05 * gaussian(random) })),
      ),
    );
    const { ci95 } = bootstrapped(laps, (some) => regretOf(some, ours));
    if (ci95 && ci95[0] <= 0.2 && ci95[1] >= 0.2) held++;
  }
  expect(held).toBeGreaterThanOrEqual(33);
  expect(held).toBeLessThan(40);
});

it('two seeds give a value and no interval', () => {
  const laps = byWorld([lapOf('a', 1, { [ours]: 0.9 }), lapOf('a', 2, { [ours]: 0.7 })]);
  const estimate = bootstrapped(laps, (some) => regretOf(some, ours));
  expect(estimate).toEqual({ value: expect.closeTo(0.2, 10), samples: 2 });
});

it('a world is won where no peer did better, and worst where all did', () => {
  const laps = byWorld([
    lapOf('won', 1, { [ours]: 0.9, random: 0.8, vegas: 0.7 }),
    lapOf('lost', 1, { [ours]: 0.9, random: 0.95, vegas: 0.7 }),
    lapOf('worst', 1, { [ours]: 0.6, random: 0.95, vegas: 0.7 }),
    lapOf('alone', 1, { [ours]: 0.6 }),
  ]);
  const told = [...laps].map(([world, one]) => [world, peersAhead(one), isWorst(one)]);
  expect(told).toEqual([
    ['won', [], false],
    ['lost', ['random'], false],
    ['worst', ['random', 'vegas'], true],
    ['alone', [], false],
  ]);
  expect(peersIn(laps)).toEqual(['random', 'vegas']);
});

it('a world whose default is the best is a null, whatever it is called', () => {
  const laps = byWorld([lapOf('flat', 1, { [ours]: 1 }, 0.999), lapOf('steep', 1, { [ours]: 1 }, 0.3)]);
  expect([...where(laps, (one) => !isNull(one)).keys()]).toEqual(['steep']);
});

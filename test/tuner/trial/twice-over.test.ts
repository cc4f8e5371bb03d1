import { describe, expect, test } from 'vitest';
import { poisson } from '../../../bench/worlds/chance.ts';
import { gaussian, type RandomSource, randomStream } from '../../../src/foundation/random.ts';
import {
  type Allowance,
  type CallsBeyond,
  neverBroken,
  type Turning,
  turningAfter,
} from '../../../tuner/trial/twice-over.ts';

const p99: Allowance = { allowed: 0.01, enough: 600, counts: true };
const errors: Allowance = { allowed: 0.01, enough: 5000, counts: true };
const dayOfWindows = 17_280;

/** A window of a thousand exponential latencies whose p99 is `level` of the limit. */
function latencies(random: RandomSource, level: number, count = 1000): CallsBeyond {
  const beyondAt = (limit: number) => Math.min(1, 0.01 ** (limit / level));
  const beyond = Math.min(count, poisson(random, count * beyondAt(1)));
  const between = Math.min(count - beyond, poisson(random, count * (beyondAt(0.9) - beyondAt(1))));
  return { count, beyond, near: beyond + between, spanMs: 5000 };
}

/** A window of 20,000 calls of which one in a hundred, times `level`, fails. */
function failures(random: RandomSource, level: number): CallsBeyond {
  const beyond = poisson(random, 200 * level);
  return { count: 20_000, beyond, near: beyond / 0.9, spanMs: 5000 };
}

function watch(allowance: Allowance, from: Turning = neverBroken) {
  let turning = from;
  const told: boolean[] = [];
  return {
    told,
    state: () => turning,
    see: (window: CallsBeyond, agrees = true) => {
      const before = turning.broken;
      turning = turningAfter(turning, allowance, window, () => agrees);
      if (turning.broken !== before) told.push(turning.broken);
      return turning.broken;
    },
  };
}

/** Breaks told within so many days of windows. */
function breaksIn(
  days: number,
  allowance: Allowance,
  make: (random: RandomSource) => () => CallsBeyond,
  seed = 1,
): number {
  const limit = watch(allowance);
  const next = make(randomStream(seed, 'days'));
  for (let i = 0; i < days * dayOfWindows; i++) limit.see(next());
  return limit.told.filter(Boolean).length;
}

const fourFifths: readonly (readonly [string, Allowance, (random: RandomSource) => () => CallsBeyond])[] = [
  ['p99 of alike windows', p99, (random) => () => latencies(random, 0.8)],
  [
    'p99 whose level varies by a tenth',
    p99,
    (random) => () => latencies(random, 0.8 * Math.exp(0.1 * gaussian(random))),
  ],
  [
    'p99 with slow calls in clumps, in one window of eight',
    p99,
    (random) => () => latencies(random, random() < 1 / 8 ? 1.1 : 0.65),
  ],
  ['errors in alike windows', errors, (random) => () => failures(random, 0.8)],
  [
    'errors in clumps, five times as many in one window of eight',
    errors,
    (random) => () => failures(random, (0.8 * (random() < 1 / 8 ? 5 : 1)) / 1.5),
  ],
  [
    'errors in runs of three windows, seven times as many',
    errors,
    (random) => {
      let left = 0;
      return () => {
        left = left > 0 ? left - 1 : random() < 1 / 24 ? 3 : 0;
        return failures(random, (0.8 * (left > 0 ? 7 : 1)) / 1.67);
      };
    },
  ],
];

describe('a limit', () => {
  test.each(fourFifths)(
    'of %s at four fifths of it is told as broken about twice a day at most',
    (_, allowance, make) => {
      const breaks = [1, 2, 3].map((seed) => breaksIn(3, allowance, make, seed));
      expect(breaks.reduce((sum, one) => sum + one) / 9).toBeLessThanOrEqual(2.5);
    },
  );

  test.each([1, 0.97, 1.03])('that calls are at %f of is told a few times and no more', (level) => {
    const breaks = breaksIn(2, p99, (random) => () => latencies(random, level));
    expect(breaks).toBeGreaterThan(0);
    expect(breaks).toBeLessThanOrEqual(10);
  });

  test.each<readonly [string, Allowance, (random: RandomSource) => CallsBeyond, (random: RandomSource) => CallsBeyond]>(
    [
      ['p99 half as long again', p99, (random) => latencies(random, 0.8), (random) => latencies(random, 1.5)],
      ['twice the errors', errors, (random) => failures(random, 0.8), (random) => failures(random, 2)],
    ],
  )('that breaks by %s is told after two windows', (_, allowance, usual, bad) => {
    let late = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = randomStream(seed, 'step');
      const limit = watch(allowance);
      for (let i = 0; i < 60; i++) limit.see(usual(random));
      expect(limit.see(bad(random))).toBe(false);
      if (!limit.see(bad(random))) late++;
    }
    expect(late).toBeLessThanOrEqual(2);
  });

  test('that an outage broke is told as quickly of the next one', () => {
    const random = randomStream(1, 'outage');
    const limit = watch({ allowed: 0.001, enough: 50_000, counts: true });
    const window = (failed: number): CallsBeyond => ({ count: 1000, beyond: failed, near: failed / 0.9, spanMs: 5000 });
    const calm = (windows: number) => {
      for (let i = 0; i < windows; i++) limit.see(window(poisson(random, 0.3)));
    };
    calm(500);
    for (const failed of [1000, 1000, 1000]) limit.see(window(failed));
    calm(500);
    expect(limit.told).toEqual([true, false]);
    // Twenty times as many as are allowed.
    limit.see(window(20));
    expect(limit.see(window(20))).toBe(true);
  });

  test('that breaks every hour for half a minute is told each time after two windows', () => {
    const random = randomStream(1, 'hourly');
    const limit = watch(p99);
    const late = Array.from({ length: 24 }, (): number => {
      for (let i = 0; i < 714; i++) limit.see(latencies(random, 0.7));
      const told = Array.from({ length: 6 }, () => limit.see(latencies(random, 2)));
      return told.indexOf(true);
    });
    expect(late).toEqual(late.map(() => 1));
  });

  test('that breaks by little is told within half an hour, however rough the windows are', () => {
    const random = randomStream(1, 'little');
    const limit = watch(p99);
    const rough = (level: number) => latencies(random, level * (random() < 1 / 4 ? 1.25 : 0.85));
    for (let i = 0; i < 2000; i++) limit.see(rough(0.8));
    let windows = 0;
    while (!limit.see(rough(1.15)) && windows < dayOfWindows) windows++;
    expect((windows * 5) / 60).toBeLessThanOrEqual(30);
  });

  test('is kept again after two windows well below it, and told once', () => {
    const random = randomStream(1, 'kept');
    const limit = watch(p99);
    for (let i = 0; i < 20; i++) limit.see(latencies(random, 2));
    for (let i = 0; i < 2; i++) limit.see(latencies(random, 0.5));
    expect(limit.told).toEqual([true, false]);
  });

  test('turns only where whoever reads the newest windows agrees', () => {
    const random = randomStream(1, 'agrees');
    const limit = watch(p99);
    for (let i = 0; i < 20; i++) limit.see(latencies(random, 2), false);
    expect(limit.told).toEqual([]);
    limit.see(latencies(random, 2));
    expect(limit.told).toEqual([true]);
  });

  test('of a mean is told by its windows, with the calls that these hold', () => {
    const limit = watch({ allowed: 1, enough: 250, counts: false });
    const mean = (count: number, ratio: number): CallsBeyond => ({
      count,
      beyond: count * ratio,
      near: (count * ratio) / 0.9,
      spanMs: 5000,
    });
    for (const count of [300, 300]) limit.see(mean(count, 1.2));
    expect(limit.told).toEqual([true]);
    for (const count of [100, 100, 100]) limit.see(mean(count, 0.5));
    expect(limit.told).toEqual([true]);
    for (const count of [100, 100, 100]) limit.see(mean(count, 0.5));
    expect(limit.told).toEqual([true, false]);
  });
});

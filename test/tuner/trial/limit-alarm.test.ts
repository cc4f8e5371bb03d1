import { describe, expect, test } from 'vitest';
import { binomial } from '../../../bench/worlds/chance.ts';
import type { Distribution, Window } from '../../../src/contracts.ts';
import { type RandomSource, randomStream } from '../../../src/foundation/random.ts';
import { parseGuardrail } from '../../../tuner/goal.ts';
import { alarmAfter, type LimitAlarm, noAlarm, type Turned } from '../../../tuner/trial/limit-alarm.ts';
import type { Limit } from '../../../tuner/trial/limits-now.ts';
import { type Sketch, windowOf } from './build-window.ts';

const settings = { threads: 2 };
/** Windows of five seconds. */
const quarterDay = 17_280 / 4;

/** A window of so many calls, of which some take 100 ms and the others 10 ms. */
function withSlow(count: number, slow: number): Window {
  const both = [
    [10, count - slow],
    [100, slow],
  ] as const;
  const there = both.filter(([, calls]) => calls > 0);
  const latency: Distribution = {
    count,
    sumMs: 10 * (count - slow) + 100 * slow,
    minMs: there[0]?.[0] ?? 0,
    maxMs: there.at(-1)?.[0] ?? 0,
    boundsNs: there.map(([ms]) => ms * 1e6),
    counts: there.map(([, calls]) => calls),
  };
  return { ...windowOf({ ok: count, settings }), latency };
}

function alarmOf(text: string) {
  let alarm: LimitAlarm = noAlarm;
  const limits = [parseGuardrail(text) as Limit];
  return (window: Window, inForce = settings): readonly Turned[] => {
    const next = alarmAfter(alarm, limits, window, inForce);
    alarm = next.alarm;
    return next.turned;
  };
}

/** How often a limit broke in so many windows. */
function alarms(text: string, windows: number, window: (random: RandomSource) => Window): number {
  const read = alarmOf(text);
  const random = randomStream(1, text);
  let count = 0;
  for (let i = 0; i < windows; i++) if (read(window(random))[0]?.is === 'broken') count++;
  return count;
}

/** Of exponential latencies whose p99 is `ratio` of the limit, the share of calls beyond it. */
const beyondAt = (ratio: number) => 0.01 ** (1 / ratio);

describe('a limit that breaks', () => {
  test.each([600, 2000])('at half as much again, in windows of %i calls, is told after two of them', (calls) => {
    let late = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = randomStream(seed, 'breaks');
      const read = alarmOf('p99 < 50ms');
      const window = (ratio: number) => withSlow(calls, binomial(random, calls, beyondAt(ratio)));
      for (let i = 0; i < 10; i++) read(window(0.5));
      expect(read(window(1.5))).toEqual([]);
      if (read(window(1.5))[0]?.is !== 'broken') late++;
    }
    expect(late).toBeLessThanOrEqual(1);
  });

  test('where windows hold few calls is told after two of them if it breaks by far, and later if it does not', () => {
    const clear = alarmOf('p99 < 50ms');
    expect(clear(withSlow(30, 10))).toEqual([]);
    expect(clear(withSlow(30, 10))).toMatchObject([{ is: 'broken', value: 100, calls: 60, windows: 2 }]);
    const faint = alarmOf('p99 < 50ms');
    const told = Array.from({ length: 100 }, (_, i) => faint(withSlow(30, i % 2))).findIndex((one) => one.length > 0);
    expect(told).toBeGreaterThan(4);
  });

  test('is told once, and once more when two windows keep it', () => {
    const read = alarmOf('p99 < 50ms');
    const turned = [900, 900, 900, 0, 900, 900, 0, 0, 0].map((slow) => read(withSlow(1000, slow))[0]?.is ?? null);
    expect(turned).toEqual([null, 'broken', null, null, null, null, null, 'kept', null]);
  });

  test('is told of failures, of a mean and of cpu as well', () => {
    const cases: readonly (readonly [string, Sketch, number])[] = [
      ['errors < 1%', { ok: 900, others: { trap: 100 }, settings }, 0.1],
      ['mean < 5ms', { meanMs: 10, settings }, 10],
      ['cpu < 1ms', { cpuMs: 3000, settings }, 3],
    ];
    for (const [text, sketch, value] of cases) {
      const read = alarmOf(text);
      expect(read(windowOf(sketch))).toEqual([]);
      expect(read(windowOf(sketch))).toMatchObject([{ is: 'broken', value: expect.closeTo(value, 0) }]);
    }
  });
});

describe('no alarm', () => {
  test.each([600, 2000])(
    'a p99 at four fifths of its limit raises one in a quarter of a day at most, in windows of %i calls',
    (calls) => {
      const window = (random: RandomSource) => withSlow(calls, binomial(random, calls, beyondAt(0.8)));
      expect(alarms('p99 < 50ms', quarterDay, window)).toBeLessThanOrEqual(1);
    },
  );

  test('failures at four fifths of their limit raise one in a quarter of a day at most, in clumps of five too', () => {
    const failing = (clump: number) => (random: RandomSource) => {
      const trap = clump * binomial(random, 1000 / clump, 0.008);
      return windowOf({ ok: 1000 - trap, others: { trap }, settings });
    };
    expect(alarms('errors < 1%', quarterDay, failing(1))).toBeLessThanOrEqual(1);
    expect(alarms('errors < 1%', quarterDay, failing(5))).toBeLessThanOrEqual(1);
  });

  test('one bad window raises none, nor do windows at another setting or without a call', () => {
    const read = alarmOf('p99 < 50ms');
    const seen = [withSlow(1000, 0), withSlow(1000, 900), withSlow(1000, 0)].flatMap((window) => read(window));
    const elsewhere = { ...withSlow(1000, 900), settings: { threads: 4 } };
    const idle = windowOf({ ok: 0, backlog: 0, settings });
    expect([...seen, ...[elsewhere, elsewhere, idle, idle].flatMap((window) => read(window))]).toEqual([]);
  });
});

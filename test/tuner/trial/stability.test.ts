import { describe, expect, test } from 'vitest';
import type { Objective } from '../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { loadChanged, stability } from '../../../tuner/trial/stability.ts';
import { mean } from '../../../tuner/trial/statistics.ts';
import { windowOf } from './build-window.ts';

const throughput: Objective = { metric: 'throughput', direction: 'maximize' };
const series = (rates: readonly number[]) => rates.map((ok, i) => windowOf({ ok: Math.round(ok), startMs: i * 1000 }));
const noise = (seed: number, count: number, level: (i: number) => number, sigma = 0.04) => {
  const random = randomStream(seed, 'stability');
  return series(Array.from({ length: count }, (_, i) => level(i) * Math.exp(sigma * gaussian(random))));
};
const share = (runs: number, of: (seed: number) => boolean) =>
  Array.from({ length: runs }, (_, seed) => of(seed)).filter(Boolean).length / runs;

describe('stability', () => {
  test('nine of ten quiet references are called stable', () => {
    expect(
      share(
        200,
        (seed) =>
          stability(
            noise(seed, 20, () => 2000),
            throughput,
          ).stable,
      ),
    ).toBeGreaterThanOrEqual(0.9);
  });

  test('a reference whose level steps or climbs by a third is not called stable', () => {
    expect(
      share(
        100,
        (seed) =>
          stability(
            noise(seed, 20, (i) => (i < 10 ? 2000 : 2700)),
            throughput,
          ).stable,
      ),
    ).toBeLessThanOrEqual(0.05);
    expect(
      share(
        100,
        (seed) =>
          stability(
            noise(seed, 20, (i) => 2000 * (1 + i / 60)),
            throughput,
          ).stable,
      ),
    ).toBeLessThanOrEqual(0.05);
  });

  test('a reference with one wild window is still called stable', () => {
    const rates = Array.from({ length: 20 }, (_, i) => (i === 12 ? 400 : 2000 + 40 * ((i * 7) % 5)));
    expect(stability(series(rates), throughput).stable).toBe(true);
  });

  test('stability comes with the number that decided', () => {
    expect(stability(series([1, 2, 3]), throughput)).toMatchObject({
      stable: false,
      reason: expect.stringContaining('3 windows with data'),
    });
    const empty = [
      ...series(Array(10).fill(2000)),
      ...Array.from({ length: 10 }, () => windowOf({ ok: 0, backlog: 0 })),
    ];
    expect(stability(empty, throughput)).toMatchObject({ stable: false, reason: '10 of 20 windows were empty' });
    // Calls were there, and none of them in time: the windows are not without data.
    const late = { metric: 'goodput', sloMs: 0.001, direction: 'maximize' } as const;
    expect(stability(series(Array(20).fill(2000)), late)).toMatchObject({
      stable: false,
      reason: 'no call ended ok within 1.00 µs in 20 of 20 windows',
    });
    expect(
      stability(
        noise(1, 20, () => 2000),
        throughput,
      ).reason,
    ).toMatch(/drift over 20 windows .* %, CUSUM/);
  });

  test('σ_d is that of adjacent windows, which drift or one spike hardly move', () => {
    const sigmas = Array.from(
      { length: 50 },
      (_, seed) =>
        stability(
          noise(seed, 40, (i) => 2000 * (1 + i / 40), 0.03),
          throughput,
        ).sigmaD,
    );
    // √2 × 0.03 = 0.042, and a little for what a slope of 2.5 % a window adds.
    expect(mean(sigmas)).toBeGreaterThan(0.036);
    expect(mean(sigmas)).toBeLessThan(0.052);
    expect(stability(series(Array(20).fill(2000)), throughput).sigmaD).toBe(0.005);
  });
});

describe('a change of load', () => {
  const open = (rate: number, seed = 1) => {
    const random = randomStream(seed, 'open');
    return Array.from({ length: 12 }, () => {
      const ok = Math.round(rate * Math.exp(0.05 * gaussian(random)));
      return windowOf({ ok, backlog: [Math.floor(4 * random()), 0], offered: ok });
    });
  };

  test('another rate of arrivals is a change of load in an open loop', () => {
    expect(loadChanged(null, open(1000), open(1000, 2).slice(-4))).toBe(false);
    expect(loadChanged(null, open(1000), open(1600, 2).slice(-4))).toBe(true);
    expect(loadChanged(null, open(1000), open(400, 2).slice(-4))).toBe(true);
  });

  test('another rate is no change of load in a closed loop, but another number of calls in flight is', () => {
    const closed = (rate: number, backlog: number) => Array.from({ length: 12 }, () => windowOf({ ok: rate, backlog }));
    expect(loadChanged(null, closed(1000, 64), closed(3000, 64).slice(-4))).toBe(false);
    expect(loadChanged(null, closed(1000, 64), closed(1000, 128).slice(-4))).toBe(true);
  });

  test('another mix of functions is a change of load', () => {
    const mix = (a: number) =>
      Array.from({ length: 12 }, () => windowOf({ ok: 1000, functions: { hash: a, lex: 1000 - a } }));
    expect(loadChanged(null, mix(800), mix(780).slice(-4))).toBe(false);
    expect(loadChanged(null, mix(800), mix(300).slice(-4))).toBe(true);
  });

  test('a change of load is rarely seen where there is none', () => {
    expect(
      share(200, (seed) => loadChanged(null, open(300, seed), open(300, seed + 1000).slice(-4))),
    ).toBeLessThanOrEqual(0.02);
  });

  test('no change of load is seen in too few windows', () => {
    expect(loadChanged(null, open(1000).slice(0, 2), open(5000))).toBe(false);
  });
});

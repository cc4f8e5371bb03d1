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
  test('is found in nine of ten quiet references', () => {
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

  test('is not found where the level steps or climbs by a third', () => {
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

  test('is not lost to one wild window', () => {
    const rates = Array.from({ length: 20 }, (_, i) => (i === 12 ? 400 : 2000 + 40 * ((i * 7) % 5)));
    expect(stability(series(rates), throughput).stable).toBe(true);
  });

  test('says why', () => {
    expect(stability(series([1, 2, 3]), throughput)).toMatchObject({
      stable: false,
      because: expect.stringContaining('3 windows with data'),
    });
    const empty = [
      ...series(Array(10).fill(2000)),
      ...Array.from({ length: 10 }, () => windowOf({ ok: 0, backlog: 0 })),
    ];
    expect(stability(empty, throughput)).toMatchObject({ stable: false, because: '10 of 20 windows were empty' });
    expect(
      stability(
        noise(1, 20, () => 2000),
        throughput,
      ).because,
    ).toMatch(/drift over 20 windows .* %, CUSUM/);
  });

  test('gives σ_d of adjacent windows, not troubled by drift or one spike', () => {
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

  test('is a different rate of arrivals in an open loop', () => {
    expect(loadChanged(null, open(1000), open(1000, 2).slice(-4))).toBe(false);
    expect(loadChanged(null, open(1000), open(1600, 2).slice(-4))).toBe(true);
    expect(loadChanged(null, open(1000), open(400, 2).slice(-4))).toBe(true);
  });

  test('is not a different rate in a closed loop, but other calls in flight are', () => {
    const closed = (rate: number, backlog: number) => Array.from({ length: 12 }, () => windowOf({ ok: rate, backlog }));
    expect(loadChanged(null, closed(1000, 64), closed(3000, 64).slice(-4))).toBe(false);
    expect(loadChanged(null, closed(1000, 64), closed(1000, 128).slice(-4))).toBe(true);
  });

  test('is a different mix of functions', () => {
    const mix = (a: number) =>
      Array.from({ length: 12 }, () => windowOf({ ok: 1000, functions: { hash: a, lex: 1000 - a } }));
    expect(loadChanged(null, mix(800), mix(780).slice(-4))).toBe(false);
    expect(loadChanged(null, mix(800), mix(300).slice(-4))).toBe(true);
  });

  test('is rarely seen where there is none', () => {
    expect(
      share(200, (seed) => loadChanged(null, open(300, seed), open(300, seed + 1000).slice(-4))),
    ).toBeLessThanOrEqual(0.02);
  });

  test('is not claimed from too few windows', () => {
    expect(loadChanged(null, open(1000).slice(0, 2), open(5000))).toBe(false);
  });
});

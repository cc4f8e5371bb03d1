import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import {
  bets,
  fewestPairs,
  interval,
  isProven,
  logEValue,
  logEValues,
  logInterval,
  unboundedHigh,
} from '../../../tuner/trial/e-value.ts';

const someD = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });
const someSigma = fc.double({ min: 0.005, max: 0.5, noNaN: true });

describe('the e-value', () => {
  test('the e-value is 1 before the first pair', () => {
    expect(logEValue([], 0, 0.05, 'greater')).toBeCloseTo(0, 12);
    expect(bets.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  test('the e-value averages to 1 over all signs of d', () => {
    const sizes = [0.01, 0.2, 0.05, 1.5, 0.003, 0.07];
    let total = 0;
    for (let signs = 0; signs < 2 ** sizes.length; signs++) {
      total += Math.exp(
        logEValue(
          sizes.map((x, i) => 0.3 + ((signs >> i) & 1 ? x : -x)),
          0.3,
          0.05,
          'less',
        ),
      );
    }
    expect(total / 2 ** sizes.length).toBeCloseTo(1, 10);
  });

  test('the e-value falls as δ₀ rises for greater, and mirrors for less', () => {
    fc.assert(
      fc.property(someD, someSigma, fc.double({ min: -1, max: 1, noNaN: true }), (d, sigma, delta0) => {
        const here = logEValue(d, delta0, sigma, 'greater');
        expect(logEValue(d, delta0 + 0.01, sigma, 'greater')).toBeLessThanOrEqual(here + 1e-9);
        expect(
          logEValue(
            d.map((one) => -one),
            -delta0,
            sigma,
            'less',
          ),
        ).toBeCloseTo(here, 8);
      }),
    );
  });

  test('the e-values of every beginning of the pairs, computed in one pass, are the numbers each has by itself', () => {
    fc.assert(
      fc.property(someD, someSigma, fc.constantFrom('greater', 'less'), (d, sigma, side) => {
        const alone = d.map((_, i) => logEValue(d.slice(0, i + 1), -0.02, sigma, side));
        expect(logEValues(d, -0.02, sigma, side)).toEqual(alone);
      }),
    );
  });

  test('seven pairs of a huge effect reject at 0.01, and six cannot', () => {
    for (const huge of [0.5, 3, 700]) {
      expect(logEValue(Array(7).fill(huge), 0, 0.05, 'greater')).toBeGreaterThanOrEqual(Math.log(100));
      expect(logEValue(Array(6).fill(huge), 0, 0.05, 'greater')).toBeLessThan(Math.log(100));
    }
  });

  test('the e-value stays finite for any finite d and any σ_d', () => {
    for (const x of [1e-300, 1e-5, 1, 700, 1e300]) {
      for (const sigma of [0, 1e-12, 0.05, 1e6, Number.NaN]) {
        expect(logEValue([x, -x, x], 0, sigma, 'greater')).not.toBeNaN();
        expect(logEValue([x, x], 0, sigma, 'less')).toBeLessThanOrEqual(1e-9);
      }
    }
  });

  test('a burst in one pair costs a few pairs, and not all of the evidence', () => {
    const burst = -0.7;
    expect(isProven([...Array(15).fill(0.1), burst], 0, 0.05, 'greater', 0.01)).toBe(true);
    // With bets of full size alone the burst would have cost a factor of e^11 at the best scale for the others.
    expect(logEValue([...Array(15).fill(0.1), burst], 0, 0.05, 'greater')).toBeGreaterThan(
      logEValue(Array(15).fill(0.1), 0, 0.05, 'greater') - 6,
    );
  });
});

describe('the interval', () => {
  test('the interval agrees with the verdict at every δ₀', () => {
    fc.assert(
      fc.property(someD, someSigma, fc.double({ min: -0.5, max: 0.5, noNaN: true }), (d, sigma, delta0) => {
        const { estimate, low, high } = logInterval(d, sigma, 0.01);
        expect(low).toBeLessThanOrEqual(estimate);
        expect(high).toBeGreaterThanOrEqual(estimate);
        const close = 1e-6;
        if (isProven(d, delta0, sigma, 'greater', 0.01)) expect(low).toBeGreaterThanOrEqual(delta0);
        else expect(low).toBeLessThan(delta0 + close);
        if (isProven(d, delta0, sigma, 'less', 0.01)) expect(high).toBeLessThanOrEqual(delta0);
        else expect(high).toBeGreaterThan(delta0 - close);
      }),
      { numRuns: 300 },
    );
  });

  test('the interval is unbounded, in numbers JSON can hold, until something can be rejected', () => {
    const effect = interval([0.1, 0.2, 0.1], 0.05, 0.01);
    expect(effect).toMatchObject({ low: -1, high: unboundedHigh, level: 0.98 });
    expect(JSON.parse(JSON.stringify(effect))).toEqual(effect);
    expect(interval([], 0.05, 0.01)).toEqual({ estimate: 0, low: -1, high: unboundedHigh, level: 0.98 });
  });

  test('the interval has ends from the fewest pairs on of which it can have any, at each level', () => {
    for (const alpha of [0.2, 0.05, 0.01, 0.002, 1e-6]) {
      const from = fewestPairs(alpha);
      const ends = (pairs: number) =>
        logInterval(
          Array.from({ length: pairs }, (_, i) => 0.3 + i / 100),
          0.05,
          alpha,
        );
      expect(ends(from - 1)).toMatchObject({ low: -Infinity, high: Infinity });
      expect(Number.isFinite(ends(from).low) && Number.isFinite(ends(from).high)).toBe(true);
    }
    expect(fewestPairs(0.01)).toBe(7);
    expect(fewestPairs(0)).toBe(Infinity);
  });

  test('the interval is in fractions: a steady doubling is estimated as 1', () => {
    const effect = interval(Array(12).fill(Math.log(2)), 0.05, 0.01);
    expect(effect.estimate).toBeCloseTo(1, 6);
    expect(effect.low).toBeGreaterThan(0.8);
    expect(effect.high).toBeLessThan(1.2);
  });

  test('the interval covers the true effect at any stopping time as often as it says', () => {
    const runs = 400;
    let missed = 0;
    for (let seed = 0; seed < runs; seed++) {
      const random = randomStream(seed, 'coverage');
      const d: number[] = [];
      for (let i = 0; i < 40; i++) {
        d.push(0.03 + 0.06 * gaussian(random));
        if (isProven(d, 0.03, 0.06, 'greater', 0.01) || isProven(d, 0.03, 0.06, 'less', 0.01)) {
          missed++;
          break;
        }
      }
    }
    // Nominal 2 %; 3.1 binomial standard errors above it.
    expect(missed / runs).toBeLessThanOrEqual(0.042);
  });
});

describe('rates at α 0.01 within 60 pairs', () => {
  const rate = (runs: number, key: string, next: (random: () => number, i: number) => number) => {
    let found = 0;
    for (let seed = 0; seed < runs; seed++) {
      const random = randomStream(seed, key);
      const d: number[] = [];
      for (let i = 0; i < 60; i++) {
        d.push(next(random, i));
        if (i >= 6 && logEValue(d, 0, 0.06, 'greater') >= Math.log(100)) {
          found++;
          break;
        }
      }
    }
    return found / runs;
  };
  const limit = 0.01 + 3 * Math.sqrt(0.0099 / 600);

  test('nothing is found in noise, whatever its size does, as long as the coin is ours', () => {
    expect(rate(600, 'null', (random) => 0.06 * gaussian(random))).toBeLessThanOrEqual(limit);
    // Noise that grows ten times in the middle, and a fixed pattern with only the coin on it.
    expect(rate(600, 'growing', (random, i) => (i < 20 ? 0.03 : 0.3) * gaussian(random))).toBeLessThanOrEqual(limit);
    expect(rate(600, 'coin', (random, i) => (random() < 0.5 ? 1 : -1) * 0.05 * (1 + (i % 5)))).toBeLessThanOrEqual(
      limit,
    );
  });

  test('in noise far more than α of the trials find an effect when the coin is not fair', () => {
    expect(rate(200, 'unfair', (random) => (random() < 0.8 ? 1 : -1) * 0.06)).toBeGreaterThan(0.5);
  });

  test('+5 % at σ_d 6 % is found at least 95 times in 100', () => {
    expect(rate(300, 'gain', (random) => Math.log(1.05) + 0.06 * gaussian(random))).toBeGreaterThanOrEqual(0.95);
  });

  test('+5 % is found although a tenth of the pairs is hit by a burst', () => {
    const burst = (random: () => number) => (random() < 0.1 ? (random() < 0.5 ? 1 : -1) * (0.2 + 0.3 * random()) : 0);
    expect(
      rate(300, 'bursts', (random) => Math.log(1.05) + 0.042 * gaussian(random) + burst(random)),
    ).toBeGreaterThanOrEqual(0.95);
  });
});

test('where the many say better and the few, by much, say worse, the side with less evidence is not proven', () => {
  const sigma = 0.05;
  const d = [...Array.from({ length: 915 }, () => 0.2 * sigma), ...Array.from({ length: 120 }, () => -10 * sigma)];
  const [greater, less] = [logEValue(d, 0, sigma, 'greater'), logEValue(d, 0, sigma, 'less')];
  expect(Math.min(greater, less)).toBeGreaterThan(Math.log(100));
  expect(less).toBeGreaterThan(greater);
  expect(isProven(d, 0, sigma, 'greater', 0.01)).toBe(false);
  expect(isProven(d, 0, sigma, 'less', 0.01)).toBe(true);
});

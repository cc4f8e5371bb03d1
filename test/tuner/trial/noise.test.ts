import { describe, expect, test } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { isProven, unboundedHigh } from '../../../tuner/trial/e-value.ts';
import { reachableAlpha, smallestEffect } from '../../../tuner/trial/noise.ts';
import { pairSigma } from '../../../tuner/trial/pair-sigma.ts';

const pairsOf = (seed: number, sigma: number, count: number, shift = 0) => {
  const random = randomStream(seed, 'noise');
  return Array.from({ length: count }, () => shift + sigma * gaussian(random));
};

describe('the spread of an a/a trial', () => {
  test('the spread of an a/a trial is that of its pairs', () => {
    expect(pairSigma(pairsOf(1, 0.05, 2000))).toBeCloseTo(0.05, 2);
  });

  test('the spread of an a/a trial is hardly moved by one stalled pair of eight', () => {
    const quiet = pairsOf(2, 0.05, 8);
    const stalled = [...quiet.slice(0, 7), -4];
    expect(pairSigma(stalled)).toBeLessThan(2 * pairSigma(quiet));
  });

  test('the spread of an a/a trial is never 0', () => {
    expect(pairSigma([])).toBeGreaterThan(0);
    expect(pairSigma([0, 0, 0])).toBeGreaterThan(0);
  });
});

describe('the smallest effect a trial tells', () => {
  test.each([
    [0.05, 12],
    [0.1, 20],
    [0.05, 60],
  ])(
    'the smallest effect at σ %d in %d pairs is found about four times out of five, half of it seldom',
    (sigma, pairs) => {
      const effect = smallestEffect(sigma, 0.01, pairs);
      const share = (shift: number) => {
        let found = 0;
        for (let seed = 0; seed < 400; seed++) {
          const d = pairsOf(seed, sigma, pairs, shift);
          if (d.some((_, i) => isProven(d.slice(0, i + 1), 0, sigma, 'greater', 0.01))) found++;
        }
        return found / 400;
      };
      expect(share(Math.log1p(effect))).toBeGreaterThan(0.7);
      expect(share(Math.log1p(effect) / 2)).toBeLessThan(0.5);
    },
  );

  test('the smallest effect grows with noise and shrinks with pairs', () => {
    expect(smallestEffect(0.1, 0.01, 12)).toBeGreaterThan(smallestEffect(0.05, 0.01, 12));
    expect(smallestEffect(0.05, 0.01, 40)).toBeLessThan(smallestEffect(0.05, 0.01, 12));
  });

  test('the smallest effect is unbounded where so few pairs prove nothing at the level', () => {
    expect(smallestEffect(0.05, 0.01, 4)).toBe(unboundedHigh);
    expect(smallestEffect(0.05, reachableAlpha(0.01, 4), 4)).toBeLessThan(1);
    expect(reachableAlpha(0.01, 20)).toBe(0.01);
  });
});

import { describe, expect, it } from 'vitest';
import { meanOf, quantile, rateOf, shareOf } from '../../bench/estimate.ts';

describe('a share of trials', () => {
  // Clopper and Pearson's tables.
  it.each([
    [0, 400, 0, 0.00918],
    [5, 20, 0.08657, 0.49105],
    [30, 30, 0.8843, 1],
    [18, 1000, 0.0107, 0.0283],
  ])('a share of %d of %d trials has the exact interval from %d to %d', (count, n, low, high) => {
    const { value, samples, ci95 } = shareOf(Array.from({ length: n }, (_, index) => index < count));
    expect([value, samples]).toEqual([count / n, n]);
    expect(ci95?.[0]).toBeCloseTo(low, 4);
    expect(ci95?.[1]).toBeCloseTo(high, 4);
  });

  it('a share of no trials is no number and has no interval', () => {
    expect(shareOf([])).toEqual({ value: Number.NaN, samples: 0 });
  });
});

describe('a rate', () => {
  // Garwood's table.
  it.each([
    [0, 0, 3.689],
    [1, 0.0253, 5.572],
    [5, 1.6235, 11.668],
    [30, 20.241, 42.827],
  ])('%d events have the exact interval from %d to %d', (count, low, high) => {
    const { value, ci95 } = rateOf(count, 2);
    expect(value).toBe(count / 2);
    expect(ci95?.[0]).toBeCloseTo(low / 2, 2);
    expect(ci95?.[1]).toBeCloseTo(high / 2, 2);
  });
});

describe('a mean', () => {
  // Samples −1 and 1 in turn; the quantiles of Student's table.
  it.each([
    [4, 3.182],
    [8, 2.365],
    [12, 2.201],
    [30, 2.045],
  ])("a mean of %d samples is as far from its ends as Student's table says: %d standard errors", (n, quantile) => {
    const { ci95 } = meanOf(Array.from({ length: n }, (_, index) => (index % 2 === 0 ? 1 : -1)));
    const standardError = Math.sqrt(n / (n - 1) / n);
    expect(ci95?.[1]).toBeCloseTo(quantile * standardError, 1);
    expect(Math.abs((ci95?.[1] ?? 0) / standardError - quantile)).toBeLessThan(0.03);
  });

  it('a mean of rates has no interval that reaches below 0', () => {
    expect(meanOf([1, 2, 3000]).ci95?.[0]).toBe(0);
  });

  it('a mean of two samples has no interval', () => {
    expect(meanOf([1, 3])).toEqual({ value: 2, samples: 2 });
  });
});

it('a quantile is one of the values, and the least that so many do not exceed', () => {
  expect([0, 0.5, 0.9, 1].map((q) => quantile([5, 1, 4, 2, 3], q))).toEqual([1, 3, 5, 5]);
  expect(quantile([], 0.5)).toBeNaN();
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endsAround,
  mean,
  median,
  populationDeviation,
  rootMeanSquare,
  sampleDeviation,
} from '../../../tuner/trial/statistics.ts';

describe('statistics of values', () => {
  test('mean, median and deviations are those of a textbook', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(mean(values)).toBe(5);
    expect(median(values)).toBe(4.5);
    expect(median([9, 1, 4])).toBe(4);
    expect(populationDeviation(values)).toBe(2);
    expect(sampleDeviation(values)).toBeCloseTo(2 * Math.sqrt(8 / 7), 12);
    expect(rootMeanSquare([3, -4])).toBeCloseTo(Math.sqrt(12.5), 12);
  });

  test('the mean of too few values is what the caller says, or NaN, and their deviation is 0', () => {
    for (const of of [mean, median, rootMeanSquare]) {
      expect(of([])).toBeNaN();
      expect(of([], 0)).toBe(0);
      expect(of([7], 0)).toBe(7);
    }
    expect([populationDeviation([]), populationDeviation([7]), sampleDeviation([]), sampleDeviation([7])]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  test('an interval of values that are never below 0 ends at 0, and others are symmetric', () => {
    expect(endsAround([0, 10, 2000], 1100)).toEqual([0, 1770]);
    expect(endsAround([100, 300], 50)).toEqual([150, 250]);
    expect(endsAround([-1, 1], 2)).toEqual([-2, 2]);
  });

  test('statistics leave the values as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 2 }), (values) => {
        const frozen = Object.freeze([...values]);
        for (const of of [mean, median, rootMeanSquare, populationDeviation, sampleDeviation]) of(frozen);
        expect(frozen).toEqual(values);
      }),
    );
  });
});

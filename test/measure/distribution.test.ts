import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Distribution } from '../../src/contracts.ts';
import {
  countAtOrBelow,
  emptyDistribution,
  meanMs,
  mergeDistributions,
  quantileMs,
} from '../../src/measure/distribution.ts';
import { Histogram } from '../../src/measure/histogram.ts';

/** Microseconds to minutes, and values beyond the histogram's first range. */
const duration = fc.oneof(
  fc.double({ min: 0.0001, max: 300_000, noNaN: true }),
  fc.double({ min: 0.001, max: 10, noNaN: true }),
  fc.integer({ min: 0, max: 5 }),
);
const durations = fc.array(duration, { minLength: 1, maxLength: 300, size: 'max' });

function distributionOf(samples: readonly number[]): Distribution {
  const histogram = new Histogram();
  for (const ms of samples) histogram.record(ms);
  return histogram.freeze();
}

describe('quantileMs', () => {
  it('quantileMs is the exact quantile of its rank or less than 1 % above it', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (samples, q) => {
        const sorted = samples.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(q * samples.length * (1 - 1e-12)) - 1)] as number;
        const estimate = quantileMs(distributionOf(samples), q);
        // Half a nanosecond: samples are whole nanoseconds in the histogram.
        expect(estimate).toBeGreaterThanOrEqual(exact - 0.5e-6);
        expect(estimate).toBeLessThanOrEqual(exact * 1.01 + 0.5e-6);
      }),
      { numRuns: 300 },
    );
  });

  it('quantileMs is the exact minimum at 0 and the exact maximum at 1', () => {
    fc.assert(
      fc.property(durations, (samples) => {
        const distribution = distributionOf(samples);
        expect(quantileMs(distribution, 0)).toBe(Math.min(...samples));
        expect(quantileMs(distribution, 1)).toBe(Math.max(...samples));
      }),
    );
  });

  it('quantileMs does not move up a rank by rounding of q × count', () => {
    // 0.07 × 100 is 7.000000000000001 in floating point.
    const distribution = distributionOf(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(quantileMs(distribution, 0.07)).toBeLessThan(7.08);
  });

  it('quantileMs is not a number when there are no samples', () => {
    expect(quantileMs(emptyDistribution, 0.5)).toBeNaN();
    expect(meanMs(emptyDistribution)).toBeNaN();
  });
});

describe('countAtOrBelow', () => {
  it('countAtOrBelow lies between the exact count and the exact count 1 % further up', () => {
    fc.assert(
      fc.property(durations, duration, (samples, limit) => {
        const counted = countAtOrBelow(distributionOf(samples), limit);
        const below = (ms: number) => samples.filter((sample) => sample <= ms).length;
        expect(counted).toBeGreaterThanOrEqual(below(limit));
        expect(counted).toBeLessThanOrEqual(below(limit * 1.01 + 1e-6));
      }),
      { numRuns: 300 },
    );
  });

  it('countAtOrBelow is 0 below the minimum, everything from the maximum on, and 0 of nothing', () => {
    const distribution = distributionOf([2, 3, 4]);
    expect(countAtOrBelow(distribution, 1.999)).toBe(0);
    expect(countAtOrBelow(distribution, 4)).toBe(3);
    expect(countAtOrBelow(distribution, Number.NaN)).toBe(0);
    expect(countAtOrBelow(emptyDistribution, 10)).toBe(0);
  });
});

describe('mergeDistributions', () => {
  it('mergeDistributions of parts is the distribution of the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(duration, { maxLength: 60, size: 'max' }), { maxLength: 6, size: 'max' }),
        (parts) => {
          const merged = mergeDistributions(parts.map(distributionOf));
          const whole = distributionOf(parts.flat());
          expect(merged.boundsNs).toEqual(whole.boundsNs);
          expect(merged.counts).toEqual(whole.counts);
          expect(merged.count).toBe(whole.count);
          expect(merged.minMs).toBe(whole.minMs);
          expect(merged.maxMs).toBe(whole.maxMs);
          expect(merged.sumMs).toBeCloseTo(whole.sumMs, 6);
        },
      ),
    );
  });

  it('mergeDistributions leaves what it merged as it was', () => {
    const one = distributionOf([1, 2]);
    const before = structuredClone(one);
    mergeDistributions([one, distributionOf([1, 5])]);
    expect(one).toEqual(before);
  });
});

describe('meanMs', () => {
  it('meanMs is exact, not an estimate from buckets', () => {
    expect(meanMs(distributionOf([1.2345, 100.777, 9.1]))).toBe((1.2345 + 100.777 + 9.1) / 3);
  });
});

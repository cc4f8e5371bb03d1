import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyDistribution, fromHistogram } from '../../src/measure/distribution.ts';
import { bucketIndex, emptyHistogram, Histogram } from '../../src/measure/histogram.ts';

describe('Histogram', () => {
  it('a histogram freezes to what the library holds after the same samples', () => {
    const own = new Histogram();
    const library = emptyHistogram();
    for (const ms of [0.000_001, 0.5, 0.5, 12.25, 4000]) {
      own.record(ms);
      library.recordValue(Math.round(ms * 1e6));
    }
    expect(own.freeze()).toEqual(
      fromHistogram(library, { sumMs: 0.000_001 + 0.5 + 0.5 + 12.25 + 4000, minMs: 0.000_001, maxMs: 4000 }),
    );
  });

  it('a histogram is empty after a freeze, and what was frozen stays', () => {
    const histogram = new Histogram();
    histogram.record(3);
    const frozen = histogram.freeze();
    expect(histogram.freeze()).toEqual(emptyDistribution);
    histogram.record(5);
    expect(frozen).toMatchObject({ count: 1, minMs: 3, maxMs: 3 });
    expect(histogram.freeze()).toMatchObject({ count: 1, sumMs: 5, minMs: 5, maxMs: 5 });
  });

  it('a histogram keeps samples far beyond its first range', () => {
    const histogram = new Histogram();
    for (const ms of [1, 70_000, 3_600_000, Infinity]) histogram.record(ms);
    const frozen = histogram.freeze();
    expect(frozen.count).toBe(4);
    expect(frozen.boundsNs[2]).toBeGreaterThanOrEqual(3.6e12);
    expect(frozen.boundsNs[2]).toBeLessThan(3.6e12 * 1.01);
    expect(Number.isFinite(frozen.sumMs)).toBe(true);
    expect(histogram.freeze()).toEqual(emptyDistribution);
  });

  it('a histogram counts negative and not-a-number durations as 0', () => {
    const histogram = new Histogram();
    histogram.record(-1);
    histogram.record(Number.NaN);
    expect(histogram.freeze()).toEqual({ count: 2, sumMs: 0, minMs: 0, maxMs: 0, boundsNs: [0], counts: [2] });
  });
});

describe('samples that are recorded in bulk', () => {
  it('every third sample of a list counts as it does by itself', () => {
    const ms = fc.oneof(
      fc.double({ min: -1, max: 2e5, noNaN: false }),
      fc.constantFrom(0, 68_000, Number.POSITIVE_INFINITY),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(ms, ms, ms), { maxLength: 100 }), fc.nat(2), (samples, from) => {
        const [bulk, single] = [new Histogram(), new Histogram()];
        bulk.recordEvery(Float64Array.from(samples.flat()), from, 3, samples.length);
        for (const one of samples) single.record(one[from] as number);
        const [got, wanted] = [bulk.freeze(), single.freeze()];
        expect({ ...got, sumMs: 0 }).toEqual({ ...wanted, sumMs: 0 });
        expect(got.sumMs).toBeCloseTo(wanted.sumMs, 6);
      }),
    );
  });

  it('samples in bulk make of two histograms what each of them one by one does', () => {
    const ms = fc.oneof(
      fc.double({ min: -1, max: 2e5, noNaN: false }),
      fc.double({ min: 0, max: 0.01 }),
      fc.constantFrom(0, 68_000, Number.POSITIVE_INFINITY, 1e-7),
    );
    fc.assert(
      fc.property(
        fc.array(ms, { maxLength: 200 }),
        fc.array(ms, { maxLength: 20 }),
        fc.nat(50),
        (samples, more, zeros) => {
          const [one, other, single, plain] = [new Histogram(), new Histogram(), new Histogram(), new Histogram()];
          for (const sample of more) for (const each of [other, plain]) each.record(sample);
          one.recordEach(other, Float64Array.from([...samples, 5]), samples.length);
          for (const sample of samples) for (const each of [single, plain]) each.record(sample);
          one.recordZeros(zeros);
          for (let count = 0; count < zeros; count++) single.record(0);
          const [bulk, byOne] = [one.freeze(), single.freeze()];
          expect({ ...bulk, sumMs: 0 }).toEqual({ ...byOne, sumMs: 0 });
          expect(bulk.sumMs).toBeCloseTo(byOne.sumMs, 3);
          const [second, third] = [other.freeze(), plain.freeze()];
          expect({ ...second, sumMs: 0 }).toEqual({ ...third, sumMs: 0 });
          expect(one.freeze()).toEqual(emptyDistribution);
        },
      ),
    );
  });
});

describe('bucketIndex', () => {
  it('bucketIndex is the bucket the library chooses', () => {
    const library = emptyHistogram();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 35 }), fc.double({ min: 0, max: 1, noNaN: true }), (exponent, part) => {
        const ns = Math.min(2 ** 36 - 1, Math.floor(2 ** exponent * (1 + part)));
        expect(bucketIndex(ns)).toBe(library.countsArrayIndex(ns));
      }),
      { numRuns: 2000 },
    );
  });

  it('bucketIndex is the bucket the library chooses at both sides of every power of two', () => {
    const library = emptyHistogram();
    for (let exponent = 0; exponent <= 36; exponent++) {
      for (const ns of [2 ** exponent - 1, 2 ** exponent]) {
        if (ns < 2 ** 36) expect(bucketIndex(ns)).toBe(library.countsArrayIndex(ns));
      }
    }
  });
});

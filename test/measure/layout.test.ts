import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyHistogram } from '../../src/measure/histogram.ts';
import { bucketBoundNs, bucketIndex } from '../../src/measure/layout.ts';

describe('bucketIndex', () => {
  it('is the bucket the library chooses', () => {
    const library = emptyHistogram();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 35 }), fc.double({ min: 0, max: 1, noNaN: true }), (exponent, part) => {
        const ns = Math.min(2 ** 36 - 1, Math.floor(2 ** exponent * (1 + part)));
        expect(bucketIndex(ns)).toBe(library.countsArrayIndex(ns));
      }),
      { numRuns: 2000 },
    );
  });

  it('is the bucket the library chooses at both sides of every power of two', () => {
    const library = emptyHistogram();
    for (let exponent = 0; exponent <= 36; exponent++) {
      for (const ns of [2 ** exponent - 1, 2 ** exponent]) {
        if (ns < 2 ** 36) expect(bucketIndex(ns)).toBe(library.countsArrayIndex(ns));
      }
    }
  });
});

describe('bucketBoundNs', () => {
  it('is the highest value the library counts together with it, also beyond the first range', () => {
    const library = emptyHistogram();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 49 }), fc.double({ min: 0, max: 1, noNaN: true }), (exponent, part) => {
        const ns = Math.floor(2 ** exponent * (1 + part));
        expect(bucketBoundNs(ns)).toBe(library.highestEquivalentValue(ns));
      }),
      { numRuns: 2000 },
    );
  });
});

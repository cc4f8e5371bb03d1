import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyHistogram } from '../../src/measure/histogram.ts';
import { bucketBoundNs } from '../../src/measure/layout.ts';

describe('bucketBoundNs', () => {
  it('bucketBoundNs is the highest value the library counts together with it, also beyond the first range', () => {
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

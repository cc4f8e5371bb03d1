import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/foundation/random.ts';
import type { PredictionScore } from '../../../tuner/entries/entries.ts';
import { calibrate, scoreOfRecord } from '../../../tuner/predict/calibrate.ts';

/** Predictions that say `pGain` and come true with probability `truth(pGain)`. */
function record(
  count: number,
  seed: number,
  truth: (p: number) => number,
  model = 'batch',
): readonly PredictionScore[] {
  const random = randomStream(seed);
  return Array.from({ length: count }, () => {
    const pGain = random();
    return { model, pGain, gained: random() < truth(pGain), covered: random() < 0.8 };
  });
}

describe('calibrate', () => {
  it('a probability moves towards what came true from the first score of its model on, and with those of no other', () => {
    const others = record(50, 2, () => 0, 'threads');
    const scored = (...gained: readonly boolean[]) =>
      calibrate(
        [...others, ...gained.map((one) => ({ model: 'batch', pGain: 0.9, gained: one, covered: one }))],
        'batch',
        0.9,
      );
    expect(scored()).toBe(0.9);
    expect(scored(false)).toBeCloseTo(3.6 / 5, 12);
    expect(scored(true)).toBeCloseTo(4.6 / 5, 12);
    expect(scored(...Array.from({ length: 19 }, () => false))).toBeCloseTo(3.6 / 23, 12);
    expect(scored(...Array.from({ length: 20 }, () => false))).toBeLessThan(0.05);
  });

  it('calibration brings the Brier score of an over-confident model down on new predictions', () => {
    const truth = (p: number) => 0.3 + 0.4 * p;
    const better = Array.from({ length: 30 }, (_, seed) => {
      const scores = record(200, seed, truth);
      const fresh = record(400, seed + 1000, truth);
      const brier = (p: (score: PredictionScore) => number) =>
        fresh.reduce((sum, one) => sum + (p(one) - Number(one.gained)) ** 2, 0);
      return brier((one) => calibrate(scores, 'batch', one.pGain)) < brier((one) => one.pGain);
    });
    expect(better.filter(Boolean).length).toBeGreaterThanOrEqual(28);
  });

  it('calibration keeps the order of probabilities, and never gives 0 or 1', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, a, b) => {
          const scores = record(40, seed, (p) => p ** 2);
          const [low, high] = [Math.min(a, b), Math.max(a, b)].map((p) => calibrate(scores, 'batch', p)) as [
            number,
            number,
          ];
          expect(low).toBeLessThanOrEqual(high + 1e-12);
          expect(low).toBeGreaterThan(0);
          expect(high).toBeLessThan(1);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('scoreOfRecord', () => {
  it.each([
    [0.9, 0.1],
    [0.3, -0.2],
  ])('the score of a record gives back the sealed probability %d', (pGain, estimate) => {
    const brier = (pGain - Number(estimate > 0)) ** 2;
    const measured = { estimate, low: -1, high: 1, level: 0.99 };
    expect(scoreOfRecord({ model: 'a', measured, covered: true, brier })).toEqual({
      model: 'a',
      pGain: expect.closeTo(pGain, 12),
      gained: estimate > 0,
      covered: true,
    });
  });
});

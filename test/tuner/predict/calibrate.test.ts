import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/foundation/random.ts';
import type { PredictionScore } from '../../../tuner/entries/entries.ts';
import { calibrate, scoreAfterShift, scoreOfRecord } from '../../../tuner/predict/calibrate.ts';

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
    return { model, pGain, gained: random() < truth(pGain), covered: random() < 0.8, atMs: 0 };
  });
}

describe('calibrate', () => {
  it('a probability moves towards what came true from the first score of its model on, and with those of no other', () => {
    const others = record(50, 2, () => 0, 'threads');
    const scored = (...gained: readonly boolean[]) =>
      calibrate(
        [...others, ...gained.map((one) => ({ model: 'batch', pGain: 0.9, gained: one, covered: one, atMs: 0 }))],
        'batch',
        0.9,
        0,
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
      return brier((one) => calibrate(scores, 'batch', one.pGain, 0)) < brier((one) => one.pGain);
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
          const [low, high] = [Math.min(a, b), Math.max(a, b)].map((p) => calibrate(scores, 'batch', p, 0)) as [
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

describe('a model that was wrong', () => {
  const hourMs = 3_600_000;
  /** `minProbability`, by default. */
  const gate = 0.8;
  const missed = (atMs: number): PredictionScore => ({
    model: 'usl',
    pGain: 0.95,
    gained: false,
    covered: false,
    atMs,
  });

  it.each([0.91, 0.97, 0.999])(
    'that says %d is believed again within a day of its first miss, and not at once',
    (p) => {
      const believedAfter = (ms: number) => calibrate([missed(0)], 'usl', p, ms) > gate;
      expect(believedAfter(0)).toBe(false);
      expect(believedAfter(24 * hourMs)).toBe(true);
    },
  );

  it('is believed again after a shift, which counts as half a day', () => {
    expect(calibrate([missed(hourMs)].map(scoreAfterShift), 'usl', 0.91, hourMs)).toBeGreaterThan(gate);
    expect(calibrate([missed(hourMs)].map(scoreAfterShift), 'usl', 0.91, hourMs)).toBe(
      calibrate([missed(hourMs)], 'usl', 0.91, 13 * hourMs),
    );
  });

  /** Tries a model that is always wrong whenever it is believed, once in ten minutes at most. */
  function triesInThreeDays(p: number, shiftsEveryMs: number): number {
    let scores: readonly PredictionScore[] = [];
    for (let atMs = 0; atMs < 72 * hourMs; atMs += hourMs / 6) {
      if (atMs % shiftsEveryMs === 0) scores = scores.map(scoreAfterShift);
      if (calibrate(scores, 'usl', p, atMs) > gate) scores = [...scores, missed(atMs)];
    }
    return scores.length;
  }

  it.each([0.9, 0.97, 0.999])(
    'and always is, is tried three times a day at most, and eleven times where the load shifts every three hours: it says %d',
    (p) => {
      expect(triesInThreeDays(p, Infinity)).toBeLessThanOrEqual(9);
      expect(triesInThreeDays(p, 3 * hourMs)).toBeLessThanOrEqual(33);
      expect(triesInThreeDays(p, Infinity)).toBeGreaterThanOrEqual(3);
    },
  );

  it('a hundred times is believed again after some days', () => {
    const wrong = Array.from({ length: 100 }, () => missed(0));
    expect(calibrate(wrong, 'usl', 0.97, 0)).toBeLessThan(0.05);
    expect(calibrate(wrong, 'usl', 0.97, 48 * hourMs)).toBeLessThan(gate);
    expect(calibrate(wrong, 'usl', 0.97, 96 * hourMs)).toBeGreaterThan(gate);
  });
});

describe('scoreOfRecord', () => {
  it.each([
    [0.9, 0.1],
    [0.3, -0.2],
  ])('the score of a record gives back the sealed probability %d', (pGain, estimate) => {
    const brier = (pGain - Number(estimate > 0)) ** 2;
    const measured = { estimate, low: -1, high: 1, level: 0.99 };
    const predicted = {
      estimate: 0,
      low: Math.expm1(-1.2815515655446004),
      high: Math.expm1(1.2815515655446004),
      level: 0.8,
    };
    expect(scoreOfRecord({ model: 'a', predicted, measured, covered: true, brier, atMs: 5 })).toEqual({
      model: 'a',
      pGain: expect.closeTo(pGain, 12),
      gained: estimate > 0,
      covered: true,
      atMs: 5,
      z: expect.closeTo(Math.log1p(estimate), 12),
    });
  });
});

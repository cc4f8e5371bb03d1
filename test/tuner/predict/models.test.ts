import { describe, expect, it } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { amortisedRatio, dispatchPrior, fitAmortised } from '../../../tuner/predict/amortised.ts';
import { gainInterval, normalCdf, probabilityOfGain } from '../../../tuner/predict/gain.ts';
import { erlangC, waitFactor } from '../../../tuner/predict/queueing.ts';
import { conditionOn, solve } from '../../../tuner/predict/residual.ts';
import { fitUsl } from '../../../tuner/predict/usl.ts';

describe('fitAmortised', () => {
  const cost = (fill: number, ratio: number) => 1 + ratio / fill;

  it('the ratio follows its prior where one fill was seen', () => {
    const fit = fitAmortised({ fill: 1, cost: 5 }, [], dispatchPrior);
    expect(fit.identifiable).toBe(false);
    expect(fit.ratioAt(0.5)).toBeCloseTo(10, 0);
    expect(fit.ratioAt(0.9) / fit.ratioAt(0.1)).toBeGreaterThan(10);
  });

  it('the ratio is found from noisy fills, some of them far off', () => {
    const misses = Array.from({ length: 60 }, (_, seed) => {
      const random = randomStream(seed);
      const ratio = 2 * 30 ** random();
      const others = [4, 8, 16, 32].map((fill) => ({
        fill,
        cost: cost(fill, ratio) * Math.exp(0.03 * gaussian(random)),
      }));
      const spoilt = [...others, { fill: 12, cost: 3 * cost(12, ratio) }];
      const fit = fitAmortised({ fill: 1, cost: cost(1, ratio) }, spoilt, dispatchPrior);
      return Math.abs(Math.log(fit.ratioAt(0.5) / ratio));
    });
    expect(misses.filter((miss) => miss < 0.2).length / misses.length).toBeGreaterThan(0.9);
  });

  it('a cost scales with the fill by a + b·n', () => {
    expect(amortisedRatio(10, 1, 10)).toBeCloseTo(cost(10, 10) / cost(1, 10), 12);
  });
});

describe('fitUsl', () => {
  const law = (sigma: number, kappa: number) => (n: number) =>
    Math.log(n / (1 + sigma * (n - 1) + kappa * n * (n - 1)));

  it('no scalability law is fitted to widths that span less than × 2', () => {
    expect(fitUsl([4, 5, 7].map((width) => ({ width, score: 0, sd: 0.02 })))).toBeNull();
    expect(fitUsl([{ width: 4, score: 0, sd: 0.02 }])).toBeNull();
  });

  it.each([
    ['contention', 0.1, 0],
    ['coherency', 0.02, 0.004],
    ['no loss', 0, 0],
    ['no gain', 1, 0],
  ])('the scalability law recovers %s, with no negative parameter', (_, sigma, kappa) => {
    const at = law(sigma, kappa);
    const fit = fitUsl([2, 4, 8, 16].map((width) => ({ width, score: 3 + at(width), sd: 0.01 })));
    expect(fit?.sigma).toBeGreaterThanOrEqual(0);
    expect(fit?.kappa).toBeGreaterThanOrEqual(0);
    expect(Math.abs((fit?.gain(2, 12).mean ?? 9) - (at(12) - at(2)))).toBeLessThan(0.05);
  });

  it('the scalability law covers the truth at widths it has not seen about as often as it says', () => {
    const covered = Array.from({ length: 100 }, (_, seed) => {
      const random = randomStream(seed);
      const at = law(Math.abs(0.12 * gaussian(random)), Math.abs(0.002 * gaussian(random)));
      const points = [2, 4, 8].map((width) => ({ width, score: at(width) + 0.02 * gaussian(random), sd: 0.02 }));
      const { low, high } = gainInterval(fitUsl(points)?.gain(8, 16) ?? { mean: 0, sd: 0 });
      const effect = Math.expm1(at(16) - at(8));
      return low <= effect && effect <= high;
    }).filter(Boolean).length;
    expect(covered).toBeGreaterThanOrEqual(65);
  });
});

describe('conditionOn', () => {
  const draws = [0.1, 0.3, 0.5];

  it('where nothing was measured the prediction is the ensemble, with an error that grows by the octave', () => {
    const posterior = conditionOn([], [0.1]);
    const near = posterior({ place: [1], draws });
    const far = posterior({ place: [4], draws });
    expect(near.mean).toBeCloseTo(0.3, 12);
    expect(far.sd ** 2 - near.sd ** 2).toBeCloseTo(0.03, 12);
  });

  it('a measured setting corrects the prediction as far as its noise allows, and shows which draw is right', () => {
    const posterior = conditionOn([{ place: [2], draws, value: 0.5, noiseSd: 0.01 }], [0.05]);
    const there = posterior({ place: [2], draws });
    expect(there.mean).toBeCloseTo(0.5, 2);
    expect(there.sd).toBeLessThan(0.011);
    const further = posterior({ place: [3], draws: draws.map((value) => 2 * value) });
    expect(further.mean).toBeGreaterThan(0.9);
    const opposite = posterior({ place: [-2], draws: [0, 0, 0] });
    expect(opposite.mean).toBeCloseTo(0, 12);
  });

  it('small symmetric systems are solved', () => {
    expect(
      solve(
        [
          [4, 1],
          [1, 3],
        ],
        [1, 2],
      ),
    ).toEqual([expect.closeTo(1 / 11, 12), expect.closeTo(7 / 11, 12)]);
  });
});

describe('gain', () => {
  it('the normal distribution function agrees with its table', () => {
    expect(normalCdf(0)).toBeCloseTo(0.5, 7);
    expect(normalCdf(1.2815515655)).toBeCloseTo(0.9, 6);
    expect(normalCdf(-1.959964)).toBeCloseTo(0.025, 6);
  });

  it('an interval of a gain leaves a tenth on either side', () => {
    const gain = { mean: 0.2, sd: 0.2 / 1.2815515655 };
    expect(gainInterval(gain).low).toBeCloseTo(0, 6);
    expect(probabilityOfGain(gain)).toBeCloseTo(0.9, 6);
  });
});

describe('queueing', () => {
  it('erlangC agrees with published values', () => {
    // M/M/1: C = ρ. M/M/2 at ρ = 0.5: C = 1/3.
    expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
    expect(waitFactor(1, 0.5)).toBeCloseTo(1, 12);
    expect(waitFactor(2, 2)).toBe(Infinity);
  });
});

import { expect, it } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import type { PredictionScore, TrialResult } from '../../../tuner/entries/entries.ts';
import { scoreAfterShift, scoreOfRecord } from '../../../tuner/predict/calibrate.ts';
import { calibratedGain, sealedBy } from '../../../tuner/predict/calibrate-gain.ts';
import { gainInterval, ofInterval } from '../../../tuner/predict/gain.ts';
import { scoreOf } from '../../../tuner/trial/run.ts';

const said = gainInterval({ mean: 0.3, sd: 0.05 });
const scored = (model: string, ...zs: readonly number[]): readonly PredictionScore[] =>
  zs.map((z) => ({ model, pGain: 0.9, gained: true, covered: Math.abs(z) < 1.28, atMs: 0, z }));
const calibrated = (scores: readonly PredictionScore[], model = 'batch') =>
  ofInterval(calibratedGain(scores, model, said, 0));

it('a model that picks the best of what was looked at is expected to have picked a lucky one', () => {
  expect(calibrated([], 'beyond').mean).toBeCloseTo(0.3 - 0.7 * 0.05, 12);
  expect(calibrated([], 'batch').mean).toBeCloseTo(0.3, 12);
  expect(calibrated([], 'beyond').sd).toBeGreaterThan(calibrated([], 'batch').sd);
});

it('the record of a model moves its interval and widens it, and that of no other', () => {
  const low = scored('batch', -2, -2, -2, -2, -2, -2, -2, -2);
  expect(calibrated(low).mean).toBeLessThan(0.3 - 0.05);
  expect(calibrated(scored('batch', 2, -2, 3, -3, 2, -2)).sd).toBeGreaterThan(1.8 * 0.05);
  expect(calibrated(scored('threads', -3, -3, -3))).toEqual(calibrated([]));
  expect(calibrated([{ model: 'batch', pGain: 0.9, gained: false, covered: false, atMs: 0 }])).toEqual(calibrated([]));
});

it('a record of small misses makes it narrower, and one from before a shift says less', () => {
  const exact = scored('batch', ...Array.from({ length: 20 }, () => 0));
  expect(calibrated(exact).sd).toBeLessThan(0.6 * 0.05);
  expect(calibrated(exact.map(scoreAfterShift)).sd).toBeGreaterThan(calibrated(exact).sd);
});

it('what cannot have a unit stays as it was said', () => {
  const sure = { estimate: 0.2, low: 0.2, high: 0.2, level: 0.8 };
  expect(calibratedGain(scored('batch', 3), 'batch', sure, 0)).toBe(sure);
});

it('of a model that is off by half its deviation and twice as wrong as it says, most are covered once it has a record', () => {
  const random = randomStream(3, 'misses');
  const truthZ = () => 0.5 + 2 * gaussian(random);
  const covered = Array.from({ length: 400 }, () => {
    const interval = calibratedGain(scored('batch', ...Array.from({ length: 24 }, truthZ)), 'batch', said, 0);
    const truth = Math.expm1(0.3 + 0.05 * truthZ());
    return interval.low <= truth && truth <= interval.high;
  });
  const share = covered.filter(Boolean).length / covered.length;
  expect(share).toBeGreaterThan(0.7);
  expect(share).toBeLessThan(0.86);
});

it('what is believed of a model converges on how wrong it is, from trial to trial, though each seals what is believed by then', () => {
  const random = randomStream(3, 'convergence');
  let scores: readonly PredictionScore[] = [];
  for (let trial = 0; trial < 200; trial++) {
    const sealed = sealedBy(scores, { gain: said, pGain: 0.9, risk: 'low', model: 'batch' }, 0);
    const measured = gainInterval({ mean: 0.3 + 0.05 * (-1 + 2 * gaussian(random)), sd: 0.001 });
    const score = scoreOf(sealed, { pairs: 10, effect: measured } as TrialResult);
    if (score) scores = [...scores, scoreOfRecord({ ...score, atMs: 0 })];
  }
  const { mean, sd } = calibrated(scores);
  expect(Math.abs((mean - 0.3) / 0.05 + 1)).toBeLessThan(0.3);
  expect(sd / 0.05).toBeGreaterThan(1.7);
  expect(sd / 0.05).toBeLessThan(2.3);
});

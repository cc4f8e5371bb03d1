import { describe, expect, test } from 'vitest';
import type { Reading, TrialStep } from '../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { type PairedTrialDesign, pairedTrial } from '../../../tuner/trial/paired-trial.ts';
import { orderOf } from '../../../tuner/trial/schedule.ts';
import { stepTrial } from '../../../tuner/trial/switchback.ts';
import { designOf, measuredPairs } from './build-window.ts';

const base: PairedTrialDesign = {
  seed: 1,
  question: 'better',
  better: 'higher',
  sigmaD: 0.05,
  alpha: 0.01,
  commitAlpha: 0.01,
  revertAt: -0.02,
  cheaper: false,
  maxPairs: 60,
};

type Ended = Extract<TrialStep, { readonly verdict: string }>;

/** Measures what the trial asks for until it has a verdict. */
function run(design: PairedTrialDesign, valueOf: (arm: Reading['arm']) => number): Ended & { readonly pairs: number } {
  const trial = pairedTrial(design);
  const seen: Reading[] = [];
  for (;;) {
    const step = trial.next(seen);
    if ('verdict' in step) return { ...step, pairs: seen.length / 2 };
    seen.push({ arm: step.measure, value: valueOf(step.measure) });
  }
}

function noisy(ratio: number, seed: number, sigma = 0.05) {
  const random = randomStream(seed, 'numbers');
  return (arm: Reading['arm']) =>
    100 * (arm === 'candidate' ? ratio : 1) * Math.exp((sigma / Math.SQRT2) * gaussian(random));
}

const share = (runs: number, wanted: (seed: number) => boolean) =>
  Array.from({ length: runs }, (_, seed) => wanted(seed)).filter(Boolean).length / runs;

describe('a trial of numbers', () => {
  test('a trial of numbers asks for both arms of a pair in the order of its coin', () => {
    const asked: string[] = [];
    run({ ...base, question: 'noise', maxPairs: 40 }, (arm) => {
      asked.push(arm);
      return 1 + asked.length / 1000;
    });
    const orders = Array.from({ length: 40 }, (_, pair) => (asked[2 * pair] === 'baseline' ? 'AB' : 'BA'));
    expect(orders).toEqual(Array.from({ length: 40 }, (_, pair) => orderOf(base, pair)));
    expect(new Set(orders).size).toBe(2);
  });

  test('a trial of numbers comes to the verdict, effect and evidence of a trial of windows with these numbers', () => {
    for (const rate of [1.2, 0.9]) {
      const design = designOf({ breakers: false, seed: 5 });
      const value = noisy(rate, 5);
      const windows = measuredPairs(design, 60, (arm) => ({ ok: Math.round(100 * value(arm)) }));
      const numbers = windows.map(({ arm, window }) => ({ arm, value: window.outcomes.ok }));
      for (let count = 0; count <= windows.length; count++) {
        const { step } = stepTrial(design, windows.slice(0, count));
        const next = pairedTrial({ ...base, ...design, question: 'better' }).next(numbers.slice(0, count));
        if (!('result' in step)) {
          expect(next).toEqual({ measure: step.measure });
          continue;
        }
        const { verdict, effect, eValue, reason } = step.result;
        expect(next).toEqual({ verdict, effect, eValue, reason });
        expect(verdict).toBe(rate > 1 ? 'better' : 'worse');
        break;
      }
    }
  });

  test('a trial of numbers takes the smaller number for the better where lower is better', () => {
    expect(run({ ...base, better: 'lower' }, noisy(0.8, 1))).toMatchObject({ verdict: 'better' });
    expect(run({ ...base, better: 'lower' }, noisy(1.25, 1))).toMatchObject({ verdict: 'worse' });
    expect(run(base, noisy(0.8, 1))).toMatchObject({ verdict: 'worse' });
  });

  test('a trial of numbers that asks for not worse ends as soon as it is proven, and seldom at the margin itself', () => {
    const design: PairedTrialDesign = { ...base, question: 'not-worse', revertAt: -0.05, maxPairs: 100 };
    const equal = run(design, noisy(1, 3));
    expect(equal).toMatchObject({ verdict: 'equivalent', reason: 'not worse than −5.0 % is proven' });
    expect(equal.effect.low).toBeGreaterThan(-0.05);
    expect(equal.pairs).toBeLessThan(100);
    // At the margin itself either proof is an error.
    const proven = share(500, (seed) => run({ ...design, seed }, noisy(0.95, seed)).verdict !== 'inconclusive');
    expect(proven).toBeLessThanOrEqual(0.02 + 1.645 * Math.sqrt((0.02 * 0.98) / 500));
  });

  test('a trial of numbers that asks for the noise measures all its pairs and gives an interval with two ends', () => {
    const { pairs, effect } = run({ ...base, question: 'noise', maxPairs: 4 }, noisy(1, 1));
    expect(pairs).toBe(4);
    expect(effect.low).toBeGreaterThan(-1);
    expect(effect.level).toBeLessThan(0.98);
  });

  test.each([[Number.NaN], [0], [-1], [Infinity]])('a trial of numbers leaves out a pair with %d in it', (wrong) => {
    const trial = pairedTrial(base);
    const good: Reading[] = Array.from({ length: 20 }, (_, index) => [
      { arm: 'baseline' as const, value: 100 },
      { arm: 'candidate' as const, value: 150 + index },
    ]).flat();
    const bad: Reading[] = [
      { arm: 'candidate', value: wrong },
      { arm: 'baseline', value: 100 },
    ];
    const clean = trial.next(good);
    expect(trial.next([...good.slice(0, 8), ...bad, ...good.slice(8)])).toEqual(clean);
    expect(clean).toMatchObject({ verdict: 'better' });
    expect(trial.next([...good.slice(0, 4), ...bad])).toHaveProperty('measure');
    expect(trial.next([...good.slice(0, 4), ...bad, ...bad, ...bad])).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('3 pairs could not be used'),
    });
  });
});

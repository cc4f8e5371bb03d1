import { describe, expect, test } from 'vitest';
import type { Measured } from '../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import type { TrialDesign, TrialResult } from '../../../tuner/entries/entries.ts';
import { stepTrial } from '../../../tuner/trial/switchback.ts';
import { designOf, measuredPairs, type Sketch } from './build-window.ts';

const rates = (candidate: number, sigma = 0.03, seed = 1) => {
  const random = randomStream(seed, 'switchback');
  return (arm: Measured['arm']): Sketch => ({
    ok: Math.round(10_000 * (arm === 'candidate' ? candidate : 1) * Math.exp(sigma * gaussian(random))),
  });
};

/** Feeds windows one by one until there is a result, as a shell would. */
function run(design: TrialDesign, of: (arm: Measured['arm'], pair: number) => Sketch): TrialResult {
  const all = measuredPairs(design, 200, of);
  for (let count = 0; count <= all.length; count++) {
    const { step } = stepTrial(design, all.slice(0, count));
    if ('result' in step) return step.result;
    expect(step.measure).toBe(all[count]?.arm);
  }
  throw new Error('no result');
}

describe('a trial of a candidate', () => {
  test('a trial of a better candidate ends better, with an interval above 0', () => {
    const result = run(designOf(), rates(1.15));
    expect(result).toMatchObject({ verdict: 'better', trigger: 'better' });
    expect(result.effect.low).toBeGreaterThan(0);
    expect(result.eValue).toBeGreaterThanOrEqual(100);
    expect(result.pairs).toBeGreaterThanOrEqual(7);
    expect(result.windows).toEqual({ baseline: result.pairs, candidate: result.pairs });
    expect(result.metric.candidate / result.metric.baseline).toBeCloseTo(1.15, 1);
    expect(result.calls.candidate).toBeGreaterThan(result.calls.baseline);
    expect(result.checks.map((one) => one.passed)).not.toContain(false);
  });

  test('a trial of a worse candidate ends worse, with an interval below revertAt, when breakers do not come first', () => {
    const result = run(designOf({ breakers: false }), rates(0.9));
    expect(result).toMatchObject({ verdict: 'worse', trigger: 'worse' });
    expect(result.effect.high).toBeLessThan(-0.02);
  });

  test('a breaker ends the trial of a harmful candidate in a few windows', () => {
    const result = run(designOf(), rates(0.6));
    expect(result).toMatchObject({ verdict: 'worse', trigger: 'breaker: drop' });
    expect(result.windows.candidate).toBeLessThanOrEqual(4);
  });

  test('a trial ends equivalent where the difference is proven small', () => {
    const result = run(designOf({ sigmaD: 0.005 }), rates(1, 0.004));
    expect(result).toMatchObject({ verdict: 'equivalent', trigger: 'equivalent' });
    expect(Math.max(-result.effect.low, result.effect.high)).toBeLessThanOrEqual(0.02);
  });

  test('a trial keeps a cheaper candidate once it is proven not worse', () => {
    expect(run(designOf({ sigmaD: 0.005, cheaper: true }), rates(1, 0.004))).toMatchObject({
      verdict: 'equivalent',
      trigger: 'equivalent-and-cheaper',
    });
    expect(run(designOf({ sigmaD: 0.005, cheaper: true }), rates(0.95, 0.004)).trigger).toBe('worse');
  });

  test('a trial is given up when nothing can still be proven, but not before twelve pairs', () => {
    const result = run(designOf(), rates(1, 0.06));
    expect(result).toMatchObject({ verdict: 'inconclusive', trigger: 'futile' });
    expect(result.pairs).toBeGreaterThanOrEqual(12);
    expect(result.pairs).toBeLessThanOrEqual(60);
  });

  test('a trial ends at maxDurationMs', () => {
    const result = run(designOf({ maxDurationMs: 9500, sigmaD: 0.03 }), rates(1.01));
    expect(result).toMatchObject({ verdict: 'inconclusive', trigger: 'max duration' });
    expect(result.windows.baseline + result.windows.candidate).toBe(10);
  });

  test('a trial that ends without a verdict says what its pairs leave open: too few of them, a loss that may be small, or all', () => {
    const reasonOf = (design: Partial<TrialDesign>, candidate: number, sigma: number) => {
      const result = run(designOf({ breakers: false, revertAt: -0.06, ...design }), rates(candidate, sigma));
      expect(result.verdict).toBe('inconclusive');
      return { ...result, proven: result.effect.high < 0 };
    };
    const few = reasonOf({ maxDurationMs: 9500, sigmaD: 0.5 }, 0.3, 0.3);
    expect(few).toMatchObject({ trigger: 'max duration', pairs: 5 });
    expect(few.effect.estimate).toBeLessThan(-0.5);
    expect(few.reason).toBe('10 s were not enough: they brought 5 of the 7 pairs that any proof takes');
    const small = reasonOf({ maxDurationMs: 21_500, sigmaD: 0.03 }, 0.94, 0.03);
    expect(small).toMatchObject({ trigger: 'max duration', proven: true });
    expect(small.reason).toBe('22 s were not enough: a loss is proven, but not one beyond −6.0 %');
    const open = reasonOf({ maxPairs: 10, sigmaD: 0.06 }, 1, 0.06);
    expect(open).toMatchObject({ trigger: 'futile', proven: false });
    expect(open.reason).toBe('10 pairs were not enough: neither a gain nor a loss beyond −6.0 % is proven');
  });

  test('a trial has no verdict without data, nor for windows in which a knob moved', () => {
    expect(run(designOf(), () => ({ ok: 0, backlog: 0 }))).toMatchObject({
      trigger: 'no data',
      pairs: 0,
      verdict: 'inconclusive',
    });
    expect(run(designOf(), () => ({ steady: false }))).toMatchObject({ trigger: 'no data', pairs: 0 });
    expect(run(designOf(), () => ({ ok: 10 }))).toMatchObject({ trigger: 'no data', pairs: 0 });
  });

  test('a trial drops a pair with few calls whichever arm had few of them', () => {
    const design = designOf({ breakers: false, minCompletions: 50 });
    const few = (arm: string) =>
      stepTrial(
        design,
        measuredPairs(design, 5, (one) => ({ ok: one === arm ? 5 : 40 })),
      ).pairs;
    expect(few('baseline')).toEqual([]);
    expect(few('candidate')).toEqual([]);
    const enough = (arm: string) =>
      stepTrial(
        design,
        measuredPairs(design, 5, (one) => ({ ok: one === arm ? 5 : 80 })),
      ).pairs.length;
    expect([enough('baseline'), enough('candidate')]).toEqual([5, 5]);
  });

  test('windows of the ramp are no part of the evidence', () => {
    const result = run(designOf({ rampPairs: 2 }), (arm, pair) =>
      pair < 0 ? { ok: 10_000 } : rates(1.15, 0.02, pair)(arm),
    );
    expect(result.windows.baseline).toBe(result.pairs + 2);
  });

  test('a trial does not keep a candidate that fails a check', () => {
    const result = run(designOf(), (arm) => ({ ...rates(1.2)(arm), settings: { threads: 2 } }));
    expect(result).toMatchObject({ verdict: 'inconclusive', trigger: 'check failed' });
    expect(result.reason).toContain('effective');
  });
});

describe('guardrails in a trial', () => {
  const slowTail = (tailFactor: number) => (arm: Measured['arm'], pair: number) => ({
    ...rates(1.15, 0.02, pair)(arm),
    ...(arm === 'candidate' ? { tailFactor } : {}),
  });

  test('a broken guardrail ends a trial, however much better the objective is', () => {
    const result = run(designOf({}, ['p99 within 10%']), slowTail(1.2));
    expect(result).toMatchObject({ verdict: 'worse', trigger: 'guardrail' });
    expect(result.guardrails[0]?.state).toBe('broken');
    const plain = run(designOf({}, ['p99 within 10%']), slowTail(1.6));
    expect(plain).toMatchObject({ verdict: 'worse', trigger: 'breaker: margin' });
    expect(plain.pairs).toBeLessThan(result.pairs);
    expect(run(designOf({}, []), slowTail(1.6)).trigger).toBe('better');
  });

  test('guardrails that hold let a better candidate commit', () => {
    const result = run(designOf({}, ['p99 within 10%', 'errors within 0.1pp']), slowTail(1));
    expect(result.trigger).toBe('better');
    expect(result.guardrails.map((one) => one.state)).toEqual(['holds', 'holds']);
  });

  test('guardrails that stay open are named after each pair, until they hold', () => {
    const design = designOf({}, ['p99 within 10%', 'errors within 0.1pp']);
    const seen = measuredPairs(design, 3, slowTail(1));
    expect(stepTrial(design, seen).waitsFor.map((one) => one.text)).toEqual(['p99 within 10%']);
    const states = Array.from({ length: 40 }, (_, pairs) =>
      stepTrial(design, measuredPairs(design, pairs, slowTail(1))),
    );
    expect(states.find(({ step }) => 'result' in step)?.waitsFor).toEqual([]);
  });

  test('guardrails that stay open keep a better candidate from being committed, and the reason says so', () => {
    const result = run(designOf({}, ['errors within 0.1pp']), (arm) => ({ ok: arm === 'candidate' ? 80 : 60 }));
    expect(result).toMatchObject({ verdict: 'inconclusive', trigger: 'futile', pairs: 60 });
    expect(result.reason).toContain('better is proven, but not yet that errors within 0.1pp');
    const short = run(designOf({ maxDurationMs: 40_000 }, ['errors within 0.1pp']), (arm) => ({
      ok: arm === 'candidate' ? 80 : 60,
    }));
    expect(short).toMatchObject({ trigger: 'max duration' });
    expect(short.reason).toContain('better is proven, but not yet that errors within 0.1pp');
  });
});

describe('an a/a trial', () => {
  test('an a/a trial runs exactly maxPairs pairs, whatever it sees', () => {
    const design = designOf({ purpose: 'a/a', maxPairs: 8 });
    for (const candidate of [1, 0.5, 2]) expect(run(design, rates(candidate)).pairs).toBe(8);
  });
});

describe('a hold-back', () => {
  test('a hold-back has as much time as its own windows take, however long the gaps between them are', () => {
    const slow = designOf({ purpose: 'hold-back', alpha: 0.05, commitAlpha: 0.05, maxDurationMs: 30_000 });
    const seen = measuredPairs(slow, 3, rates(1.3)).map((one, i) => ({
      ...one,
      window: { ...one.window, startMs: i * 100_000, endMs: i * 100_000 + 1000 },
    }));
    expect(stepTrial(slow, seen).step).toHaveProperty('measure');
    expect(stepTrial({ ...slow, purpose: 'candidate' }, seen).step).toHaveProperty('result.trigger', 'max duration');
  });

  const design = designOf({ purpose: 'hold-back', alpha: 0.05, commitAlpha: 0.05 });

  test('a hold-back ends as soon as the candidate is proven not worse', () => {
    const result = run(design, rates(1.15));
    expect(['better', 'equivalent']).toContain(result.verdict);
    expect(result.pairs).toBeLessThanOrEqual(7);
    expect(result.effect.low).toBeGreaterThanOrEqual(-0.02);
  });

  test('a hold-back does not wait until it has proven again what its trial proved of the guardrails', () => {
    const guarded = designOf({ purpose: 'hold-back', alpha: 0.05, commitAlpha: 0.05 }, ['errors < 0.1%']);
    const few = (arm: 'baseline' | 'candidate') => ({ ok: arm === 'candidate' ? 60 : 40 });
    const windows = measuredPairs(guarded, 8, few);
    const { step } = stepTrial(guarded, windows);
    expect(step).toMatchObject({ result: { verdict: 'better', guardrails: [{ state: 'undecided' }] } });
    const asked = stepTrial(
      { ...guarded, purpose: 'candidate' },
      measuredPairs({ ...guarded, purpose: 'candidate' }, 8, few),
    );
    expect(asked.step).toHaveProperty('measure');
  });

  test('a hold-back ends worse when the candidate is worse', () => {
    expect(run({ ...design, breakers: false }, rates(0.85)).verdict).toBe('worse');
  });
});

describe('the answer', () => {
  const design = designOf();
  const seen = measuredPairs(design, 6, rates(1.05));

  test('the result of a trial depends on the windows alone: a copy of them, given at once, gives the same', () => {
    for (let count = 0; count < seen.length; count++) stepTrial(design, seen.slice(0, count));
    const copy = JSON.parse(JSON.stringify(seen)) as Measured[];
    expect(stepTrial({ ...design }, copy)).toEqual(stepTrial(design, seen));
  });

  test('the result of a trial stays right when more windows are added to the same list', () => {
    const growing: Measured[] = [];
    for (const one of seen) {
      growing.push(one);
      expect(stepTrial(design, growing)).toEqual(stepTrial(design, [...growing]));
    }
  });

  test('the result of a trial stays right when the same windows come in another trial or another order', () => {
    stepTrial(design, seen);
    const swapped = [...seen.slice(2, 4), ...seen.slice(0, 2), ...seen.slice(4)];
    const copy = JSON.parse(JSON.stringify(swapped)) as Measured[];
    expect(stepTrial(design, swapped).pairs).toEqual(stepTrial({ ...design }, copy).pairs);
    expect(stepTrial({ ...design, sigmaD: 0.2 }, seen).pairs.at(-1)?.log10Better).not.toBe(
      stepTrial(design, seen).pairs.at(-1)?.log10Better,
    );
  });

  test('the result of a trial is plain data', () => {
    const { pairs } = stepTrial(design, seen);
    expect(JSON.parse(JSON.stringify(pairs))).toEqual(pairs);
    const result = run(design, rates(1.15));
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});

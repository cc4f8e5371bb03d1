import { describe, expect, test } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { logEValue } from '../../../tuner/trial/e-value.ts';
import { isHopeless, mostPairs, pairsForShift, pairsNeeded, unjudgeable } from '../../../tuner/trial/plan.ts';
import { designOf, windowOf } from './build-window.ts';

const plan = { sigmaD: 0.06, commitAlpha: 0.01 };

describe('pairs needed', () => {
  test('the planned pairs are enough in about four trials of five', () => {
    for (const effect of [0.03, 0.05, 0.1]) {
      const needed = pairsNeeded(plan, effect);
      let found = 0;
      for (let seed = 0; seed < 300; seed++) {
        const random = randomStream(seed, `plan ${effect}`);
        const d: number[] = [];
        let proven = false;
        for (let i = 0; i < needed && !proven; i++) {
          d.push(Math.log1p(effect) + 0.06 * gaussian(random));
          proven = i >= 6 && logEValue(d, 0, 0.06, 'greater') >= Math.log(100);
        }
        if (proven) found++;
      }
      expect(found / 300).toBeGreaterThanOrEqual(0.75);
      expect(found / 300).toBeLessThanOrEqual(0.97);
    }
  });

  test('the planned pairs fall with the effect, rise with noise and a stricter level, and never go below what can reject', () => {
    expect(pairsNeeded(plan, 0.03)).toBeGreaterThan(pairsNeeded(plan, 0.05));
    expect(pairsNeeded({ ...plan, sigmaD: 0.1 }, 0.05)).toBeGreaterThan(pairsNeeded(plan, 0.05));
    expect(pairsNeeded({ ...plan, commitAlpha: 1e-6 }, 0.05)).toBeGreaterThan(pairsNeeded(plan, 0.05));
    expect(pairsNeeded(plan, 5)).toBeGreaterThanOrEqual(7);
    expect(pairsNeeded(plan, 5)).toBeLessThanOrEqual(10);
    expect(pairsNeeded(plan, 0)).toBe(mostPairs);
    expect(pairsForShift(-1, 0.01)).toBe(mostPairs);
  });
});

describe('hopeless', () => {
  test('a null effect is hopeless after many pairs with few remaining, but neither early nor where the effect is clear', () => {
    const random = randomStream(5, 'hopeless');
    const nothing = Array.from({ length: 50 }, () => 0.06 * gaussian(random));
    expect(isHopeless(nothing, 0, 0.06, 'greater', 0.01, 10)).toBe(true);
    expect(isHopeless(nothing.slice(0, 3), 0, 0.06, 'greater', 0.01, 57)).toBe(false);
    expect(isHopeless(nothing.map((one) => one + 0.06).slice(0, 15), 0, 0.06, 'greater', 0.01, 45)).toBe(false);
  });
});

describe('guardrails that cannot be judged', () => {
  const calls = (ok: number, noise = 0, swing = 0) => {
    const random = randomStream(9, 'unjudged');
    return Array.from({ length: 20 }, (_, i) =>
      windowOf({
        ok: Math.round(ok * (1 + (i % 2 === 0 ? swing : -swing))),
        forMs: 500,
        startMs: i * 500,
        meanMs: 10 * Math.exp(noise * gaussian(random)),
      }),
    );
  };
  const subjectTo = ['errors within 0.1pp', 'p50 within 2%', 'p99 within 10%', 'p99.9 < 500ms', 'mean < 50ms'];

  test('every guardrail can be judged where calls are many and even', () => {
    expect(unjudgeable(designOf({}, subjectTo), calls(5000))).toEqual([]);
  });

  test('guardrails that few calls cannot judge are named with the reason', () => {
    const reasons = unjudgeable(designOf({}, subjectTo), calls(60));
    expect(reasons.map((one) => one.split(':')[0])).toEqual(['errors within 0.1pp', 'p99.9 < 500ms']);
    expect(reasons[0]).toMatch(/\d+ calls an arm are needed, 3600 are expected in 60 pairs/);
    expect(unjudgeable(designOf({ maxPairs: 20 }, ['p99 within 10%']), calls(60))[0]).toMatch(/blocks of 7 pairs/);
  });

  test('a guardrail whose metric is too noisy for its margin cannot be judged', () => {
    expect(unjudgeable(designOf({}, ['p50 within 2%']), calls(5000, 0.2))).toHaveLength(1);
    expect(unjudgeable(designOf({}, ['p50 within 50%']), calls(5000, 0.2))).toEqual([]);
  });

  test('longer windows judge a latency that varies, but not that of a service whose windows of many calls swing', () => {
    const long = designOf({ windowMs: 4000 }, ['p50 within 2%']);
    expect(unjudgeable(long, calls(5000, 0.1))).toEqual([]);
    expect(unjudgeable(long, calls(60, 0.1, 0.4))).toEqual([]);
    expect(unjudgeable(long, calls(5000, 0.1, 0.4))).toHaveLength(1);
  });

  test('more guardrails cannot be judged when the time is short', () => {
    expect(unjudgeable(designOf({ maxDurationMs: 5000 }, ['p50 within 2%']), calls(5000))).toHaveLength(1);
  });

  test('a latency that is expected to fall with what is gained is judged within fewer pairs, and errors are not', () => {
    const noisy = calls(5000, 0.1);
    const design = designOf({ load: 'closed' }, ['p50 within 2%']);
    expect(unjudgeable(design, noisy)).toHaveLength(1);
    expect(unjudgeable(design, noisy, 0.5)).toEqual([]);
    expect(unjudgeable({ ...design, load: 'open' }, noisy, 0.5)).toEqual([]);
    const cheaper = { ...design.goal, objective: { metric: 'cpu', direction: 'minimize' } } as const;
    expect(unjudgeable({ ...design, goal: cheaper }, noisy, 0.5)).toHaveLength(1);
    expect(unjudgeable(designOf({ load: 'closed' }, ['errors within 0.1pp']), calls(60), 0.5)).toHaveLength(1);
  });

  test('no guardrail can be judged without windows of a baseline', () => {
    expect(unjudgeable(designOf({}, ['errors within 0.1pp', 'p99 within 10%']), [])).toHaveLength(2);
  });
});

import { describe, expect, test } from 'vitest';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { Histogram } from '../../../src/measure/histogram.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { lossAlpha, readGuardrails, told } from '../../../tuner/trial/guardrails.ts';
import { sortWindows } from '../../../tuner/trial/pairs.ts';
import { blockCalls, superBlocks } from '../../../tuner/trial/super-blocks.ts';
import { stepTrial } from '../../../tuner/trial/switchback.ts';
import { designOf, measuredPairs, type Sketch } from './build-window.ts';

function reading(text: string, pairs: number, of: (arm: 'baseline' | 'candidate', pair: number) => Sketch) {
  const design = designOf({}, [text]);
  const [one] = readGuardrails(design, sortWindows(design, measuredPairs(design, pairs, of)).pairs);
  if (!one) throw new Error('no reading');
  return told(one);
}

const same = () => ({});
const forCandidate = (sketch: Sketch) => (arm: 'baseline' | 'candidate') => (arm === 'candidate' ? sketch : {});

describe('a relative guardrail', () => {
  test('a relative guardrail holds within its margin, is broken beyond it, and undecided before either is proven', () => {
    expect(reading('p99 within 10%', 12, same).state).toBe('holds');
    expect(reading('p99 within 10%', 12, forCandidate({ meanMs: 13 })).state).toBe('broken');
    expect(reading('p99 within 10%', 3, same).state).toBe('undecided');
    expect(reading('mean within 10%', 12, forCandidate({ meanMs: 10.5 })).state).toBe('holds');
    expect(reading('cpu within 10%', 12, forCandidate({ cpuMs: 130 })).state).toBe('broken');
  });

  test('a relative guardrail says which change it saw', () => {
    const { baseline, candidate, detail } = reading('p50 within 2%', 12, forCandidate({ meanMs: 12 }));
    expect(candidate / baseline).toBeCloseTo(1.2, 1);
    expect(detail).toMatch(/change −1\d\.\d %.*limit −2\.0 %.*12 blocks/);
  });

  test('a relative guardrail is rarely called broken or holding when the metric is exactly on the margin', () => {
    const runs = 200;
    const states = Array.from({ length: runs }, (_, seed) => {
      const random = randomStream(seed, 'margin');
      return reading('mean within 10%', 20, (arm) => ({
        ok: 100,
        meanMs: 10 * (arm === 'candidate' ? 1.1 : 1) * Math.exp(0.05 * gaussian(random)),
      })).state;
    });
    expect(states.filter((state) => state === 'holds').length / runs).toBeLessThanOrEqual(
      0.01 + 3 * Math.sqrt(0.0099 / runs),
    );
    expect(states.filter((state) => state === 'broken').length / runs).toBeLessThanOrEqual(
      0.01 + 3 * Math.sqrt(0.0099 / runs),
    );
  });

  test('a relative guardrail merges pairs until each arm has 4p/(1 − p) calls', () => {
    expect(blockCalls('p99')).toBeCloseTo(396, 6);
    const design = designOf();
    const { pairs } = sortWindows(
      design,
      measuredPairs(design, 20, () => ({ ok: 100 })),
    );
    expect(superBlocks('p99', pairs)).toHaveLength(5);
    expect(superBlocks('p50', pairs)).toHaveLength(20);
  });
});

describe('errors within 0.1pp', () => {
  const text = 'errors within 0.1pp';

  test('errors within a margin hold only once enough calls came without errors', () => {
    expect(reading(text, 20, same).state).toBe('holds');
    expect(reading(text, 20, () => ({ ok: 100 })).state).toBe('undecided');
  });

  test('errors within a margin are read rightly where most windows have none', () => {
    const random = randomStream(3, 'sparse');
    const sparse = reading(text, 60, (arm) => {
      const trap = arm === 'candidate' && random() < 0.2 ? 1 : 0;
      return { ok: 50 - trap, others: { trap } };
    });
    expect(sparse.state).not.toBe('holds');
  });

  test('errors within 0.1pp are broken by one failure in a hundred calls', () => {
    expect(reading(text, 12, forCandidate({ ok: 990, others: { trap: 10 } })).state).toBe('broken');
  });

  test('errors within a margin allow as many errors as the anchor has', () => {
    expect(reading(text, 60, () => ({ ok: 19_960, others: { trap: 40 } })).state).toBe('holds');
  });
});

describe('an outage of the baseline alone', () => {
  const failing = (trap: number) => ({ ok: 500 - trap, others: { trap } });
  /** One window of the baseline has an outage, and each of the candidate's fails so many of 500 calls. */
  const once = (text: string, failed: number, outage: number, pairs = 30) =>
    reading(text, pairs, (arm, pair) => failing(arm === 'candidate' ? failed : pair === 3 ? outage : 0)).state;

  test.each(['errors within 0.1pp', 'errors < 0.1%'])(
    'does not keep a candidate without a failure from keeping %s',
    (text) => {
      expect(once(text, 0, 100)).toBe('holds');
    },
  );

  test.each([
    ['errors < 1.5%', 'holds'],
    ['errors within 1pp', 'holds'],
  ])('says of a candidate that fails more calls that they may come in clusters as large, by %s', (text, alone) => {
    expect(once(text, 3, 60)).toBe('undecided');
    expect(once(text, 3, 0)).toBe(alone);
  });

  test('says so as well of one with fewer failures in more windows that are bad', () => {
    const some = reading('errors within 0.4pp', 30, (arm, pair) =>
      failing(arm === 'candidate' ? (pair % 5 === 0 ? 3 : 0) : pair === 3 ? 100 : 0),
    );
    expect(some.state).toBe('undecided');
  });
});

describe('an absolute guardrail', () => {
  test('an absolute guardrail holds below its limit and is broken above it', () => {
    expect(reading('p99 < 50ms', 12, same).state).toBe('holds');
    expect(reading('p99 < 50ms', 12, forCandidate({ meanMs: 60 })).state).toBe('broken');
    expect(reading('errors < 0.1%', 12, forCandidate({ ok: 990, others: { trap: 10 } })).state).toBe('broken');
    expect(reading('errors < 0.1%', 12, same).state).toBe('holds');
    expect(reading('mean < 15ms', 12, same).state).toBe('holds');
    expect(reading('mean < 15ms', 12, forCandidate({ meanMs: 20 })).state).toBe('broken');
  });

  test('an absolute guardrail is undecided while calls are few', () => {
    expect(reading('p99 < 50ms', 2, () => ({ ok: 100 })).state).toBe('undecided');
  });

  test('an absolute guardrail that the anchor breaks too asks for better than the anchor', () => {
    const slow = (meanMs: number) => (arm: 'baseline' | 'candidate') => ({ meanMs: arm === 'candidate' ? meanMs : 60 });
    expect(reading('p99 < 50ms', 12, slow(50)).state).toBe('holds');
    expect(reading('p99 < 50ms', 12, slow(50)).detail).toContain('better is required');
    expect(reading('p99 < 50ms', 12, slow(80)).state).toBe('broken');
    expect(reading('mean < 50ms', 12, slow(55)).state).toBe('holds');
  });

  test('an absolute guardrail that is broken under both settings proves no harm, also before that of the anchor is proven', () => {
    // One window in three of the anchor is as slow as all of the candidate, or a little slower than the others.
    const once = (meanMs: number, slowMs: number) => (arm: 'baseline' | 'candidate', pair: number) => ({
      meanMs: arm === 'candidate' ? meanMs : pair === 0 ? slowMs : 10,
    });
    const both = once(30, 60);
    const { state, byBoth, detail } = reading('p99 < 50ms', 3, both);
    expect({ state, byBoth }).toEqual({ state: 'broken', byBoth: true });
    expect(detail).toMatch(/; the setting before breaks it as well: \d+ % of calls above 50\.0 ms/);
    expect(reading('p99 < 50ms', 3, once(60, 30))).toMatchObject({ state: 'broken' });
    expect(reading('p99 < 50ms', 3, once(60, 30)).byBoth).toBeUndefined();
    const { step } = stepTrial(designOf({}, ['p99 < 50ms']), measuredPairs(designOf({}, ['p99 < 50ms']), 3, both), []);
    expect(step).toMatchObject({ result: { verdict: 'inconclusive', trigger: 'limit broken by both' } });
  });
});

test('the objective and all guardrails share the level at which a loss is proven', () => {
  expect(lossAlpha(designOf({ alpha: 0.01 }, ['p99 within 10%', 'p50 within 2%', 'errors within 0.1pp']))).toBe(0.0025);
});

describe('calls that do not come back within their window', () => {
  const hanging = (ages: readonly number[]) => {
    const histogram = new Histogram();
    for (const age of ages) histogram.record(age);
    return histogram.freeze();
  };
  // 8 ms instead of 10, but three calls in a hundred hang.
  const sketch = (arm: string, hangs: boolean) =>
    arm === 'baseline'
      ? { meanMs: 10, ok: 1000 }
      : { meanMs: 8, ok: 970, ...(hangs && { unfinished: hanging(Array.from({ length: 30 }, (_, i) => 5 + 30 * i)) }) };
  const trial = (subjectTo: string, hangs: boolean) => {
    const design = designOf(
      { breakers: false, maxPairs: 20, goal: parseGoal({ minimize: 'mean', subjectTo: [subjectTo] }) },
      [],
    );
    for (let pairs = 1; ; pairs++) {
      const { step } = stepTrial(
        design,
        measuredPairs(design, pairs, (arm) => sketch(arm, hangs)),
      );
      if ('result' in step) return step.result;
    }
  };

  test.each(['p99 < 50ms', 'p99 within 10%'])(
    'calls that do not come back within their window break %s, and raise the mean',
    (subjectTo) => {
      expect(trial(subjectTo, false)).toMatchObject({ verdict: 'better' });
      expect(trial(subjectTo, true)).toMatchObject({ verdict: 'worse' });
    },
  );

  test('calls that do not come back within their window trip the breaker after two windows', () => {
    const design = designOf({ goal: parseGoal({ maximize: 'throughput', subjectTo: [] }) });
    const seen = measuredPairs(design, 3, (arm) => ({ ...sketch(arm, true), ok: 1000 }));
    expect(stepTrial(design, seen).step).toMatchObject({ result: { trigger: 'breaker: latency' } });
  });
});

test('a guardrail says over how long it was judged', () => {
  expect(reading('errors < 1%', 12, same)?.detail).toMatch(/, judged over 12\.0 s$/);
  expect(reading('p99 within 10%', 12, same)?.detail).toMatch(/, judged over 12\.0 s$/);
});

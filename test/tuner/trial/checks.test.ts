import { describe, expect, test } from 'vitest';
import type { Measured } from '../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import type { Check, TrialDesign } from '../../../tuner/entries/entries.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { readChecks } from '../../../tuner/trial/checks.ts';
import { isProven } from '../../../tuner/trial/e-value.ts';
import { sortWindows } from '../../../tuner/trial/pairs.ts';
import { designOf, measuredPairs, type Sketch } from './build-window.ts';

function check(name: Check['name'], seen: readonly Measured[], design: TrialDesign): Check | undefined {
  return readChecks(design, seen, sortWindows(design, seen).pairs).find((one) => one.name === name);
}

const noisy = (seed: number, of: (arm: Measured['arm'], pair: number) => Sketch = () => ({})) => {
  const random = randomStream(seed, 'checks');
  return (arm: Measured['arm'], pair: number) => ({
    ok: Math.round(1000 * Math.exp(0.03 * gaussian(random))),
    ...of(arm, pair),
  });
};

test('all checks pass in a clean trial', () => {
  const design = designOf({ load: 'open' });
  const checks = readChecks(
    design,
    measuredPairs(design, 20, noisy(1)),
    sortWindows(design, measuredPairs(design, 20, noisy(1))).pairs,
  );
  expect(checks.map((one) => [one.name, one.passed])).toEqual([
    ['accounting', true],
    ['arrivals', true],
    ['carry-over', true],
    ['effective', true],
    ['steady', true],
  ]);
});

describe('accounting', () => {
  test('accounting fails when one call of one window is missing', () => {
    const design = designOf();
    const seen = measuredPairs(design, 8, (arm, pair) => (pair === 5 && arm === 'baseline' ? { offered: 1001 } : {}));
    expect(check('accounting', seen, design)).toMatchObject({
      passed: false,
      detail: 'offered ≠ settled + in flight in 1 of 16 windows',
    });
  });

  test('accounting counts the calls in flight', () => {
    const design = designOf();
    expect(
      check(
        'accounting',
        measuredPairs(design, 4, () => ({ ok: 100, offered: 110, backlog: [5, 15] })),
        design,
      )?.passed,
    ).toBe(true);
  });
});

describe('arrivals', () => {
  const skewed = (arm: Measured['arm']) => ({
    ok: 1000,
    offered: arm === 'candidate' ? 1100 : 1000,
    backlog: [8, arm === 'candidate' ? 108 : 8] as const,
  });

  test('arrivals fail in an open loop when they follow the arm', () => {
    const design = designOf({ load: 'open' });
    expect(check('arrivals', measuredPairs(design, 20, skewed), design)?.passed).toBe(false);
  });

  test('arrivals are not checked in a closed loop, where a faster arm receives more', () => {
    const design = designOf({ load: 'closed' });
    expect(check('arrivals', measuredPairs(design, 20, skewed), design)).toBeUndefined();
  });

  /** The check at the moment at which a gain of `gain` is proven under arrivals that differ by `load`, both of Poisson noise. */
  const atProof = (calls: number, gain: number, load: number, seed: number) => {
    const random = randomStream(seed, `arrivals ${calls}`);
    const noise = () => gaussian(random) / Math.sqrt(calls);
    const sigmaD = Math.sqrt(2 / calls);
    const design = designOf({ load: 'open', sigmaD, seed });
    const all = measuredPairs(design, 60, (arm) => {
      const more = arm === 'candidate' ? 1 : 0;
      const offered = Math.round(10_000 * Math.exp(more * load + noise()));
      const own = gain === 0 ? offered : Math.round(10_000 * Math.exp(more * gain + noise()));
      return { ok: Math.min(own, offered + 9000), offered, backlog: [9000, 9000 + offered - own] as const };
    });
    for (let pairs = 7; pairs <= 60; pairs++) {
      const seen = all.slice(0, 2 * pairs);
      const d = sortWindows(design, seen).pairs.map((one) => one.d);
      if (isProven(d, 0, sigmaD, 'greater', 0.01)) return check('arrivals', seen, design)?.passed;
    }
    return undefined;
  };
  const voided = (calls: number, gain: number, load: number) => {
    const told = Array.from({ length: 80 }, (_, seed) => atProof(calls, gain, load, seed)).filter(
      (one) => one !== undefined,
    );
    expect(told.length).toBeGreaterThan(70);
    return told.filter((passed) => !passed).length / told.length;
  };

  test.each([100, 300, 1000])(
    'a gain that is nothing but more arrivals is voided when it is proven, in windows of %d calls',
    (calls) => {
      expect(voided(calls, 0, Math.log(1.12))).toBeGreaterThanOrEqual(0.95);
    },
  );

  test('a gain under arrivals that ignore the arm is hardly ever voided', () => {
    expect(voided(300, Math.log(1.12), 0)).toBeLessThanOrEqual(0.05);
  });
});

describe('calls in flight', () => {
  const skewed = (inFlight: number, rate: number) => (arm: Measured['arm'], pair: number) => {
    const [calls, ok] = arm === 'candidate' ? [inFlight, rate] : [64, 1000];
    return {
      ok: Math.round(ok + 20 * Math.sin(3 * pair)),
      offered: Math.round(ok + 20 * Math.sin(3 * pair)),
      backlog: [calls, calls] as const,
    };
  };
  const design = designOf({ load: 'closed' });
  const passes = (inFlight: number, rate: number, of: TrialDesign = design) =>
    check('in-flight', measuredPairs(of, 8, skewed(inFlight, rate)), of)?.passed;

  test('a rate that grows with the calls in flight of a closed loop is no gain of the setting', () => {
    expect(passes(96, 1100)).toBe(false);
    expect(passes(64, 1100)).toBe(true);
  });

  test('fewer calls in flight, or a few more beside a large gain, are what a faster setting brings', () => {
    expect(passes(48, 1100)).toBe(true);
    expect(passes(66, 1500)).toBe(true);
  });

  test('calls in flight are not asked of a latency, nor of an open load, which bring their own', () => {
    const latency = designOf({ load: 'closed', goal: parseGoal({ minimize: 'mean' }) });
    expect(passes(96, 1100, latency)).toBeUndefined();
    expect(passes(96, 1100, designOf({ load: 'open' }))).toBeUndefined();
  });
});

describe('carry-over', () => {
  /** Adds `drag` × (arm before is the candidate ? 1 : −1) to every window's log rate. */
  const dragged = (design: TrialDesign, count: number, effect: number, drag: number, seed: number) => {
    const random = randomStream(seed, 'drag');
    const arms = measuredPairs(design, count, () => ({})).map((one) => one.arm);
    let index = -1;
    return measuredPairs(design, count, (arm) => {
      index++;
      const before = arms[index - 1] === 'candidate' ? drag : -drag;
      return {
        ok: Math.round(10_000 * Math.exp((arm === 'candidate' ? effect : 0) + before + 0.02 * gaussian(random))),
      };
    });
  };

  test('carry-over as large as the effect is found', () => {
    const design = designOf();
    expect(check('carry-over', dragged(design, 60, 0.02, 0.05, 1), design)?.passed).toBe(false);
  });

  test('carry-over that is small against the effect passes, because it can only have shrunk the effect', () => {
    const design = designOf();
    const seen = dragged(design, 60, 0.5, 0.05, 1);
    expect(check('carry-over', seen, design)).toMatchObject({ passed: true });
    expect(check('carry-over', seen, design)?.detail).toContain('small against the effect');
  });

  test('carry-over is not found in noise more often than once in a thousand', () => {
    const failed = Array.from({ length: 300 }, (_, seed) => {
      const design = designOf({ seed });
      return check('carry-over', dragged(design, 40, 0, 0, seed), design)?.passed;
    }).filter((passed) => passed === false).length;
    expect(failed).toBeLessThanOrEqual(3);
  });
});

describe('effective', () => {
  test('effective fails when an arm ran two settings, or both arms the same', () => {
    const design = designOf();
    const drifting = measuredPairs(design, 8, (arm, pair) => ({
      settings: { threads: arm === 'candidate' ? (pair > 3 ? 3 : 4) : 2 },
    }));
    expect(check('effective', drifting, design)?.passed).toBe(false);
    expect(
      check(
        'effective',
        measuredPairs(design, 8, () => ({ settings: { threads: 2 } })),
        design,
      )?.passed,
    ).toBe(false);
  });

  test('effective lets an a/a trial run one setting', () => {
    const design = designOf({ purpose: 'a/a' });
    expect(
      check(
        'effective',
        measuredPairs(design, 8, () => ({})),
        design,
      )?.passed,
    ).toBe(true);
  });
});

test('steady fails when knobs moved inside many windows', () => {
  const design = designOf();
  const moved = (every: number) =>
    measuredPairs(design, 20, (arm, pair) => ({ steady: !(arm === 'candidate' && pair % every === 0) }));
  expect(check('steady', moved(2), design)?.passed).toBe(false);
  expect(check('steady', moved(10), design)?.passed).toBe(true);
});

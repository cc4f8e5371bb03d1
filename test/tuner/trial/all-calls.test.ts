import { describe, expect, it } from 'vitest';
import type { Window } from '../../../src/contracts.ts';
import { gaussian, randomStream } from '../../../src/foundation/random.ts';
import { triggers } from '../../../tuner/entries/triggers.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { outcomeOfAllCalls, readAllCalls } from '../../../tuner/trial/all-calls.ts';
import { badWindows } from '../../../tuner/trial/bad-windows.ts';
import { farEvidence, farPairs } from '../../../tuner/trial/far-pairs.ts';
import type { AllWindows } from '../../../tuner/trial/pairs.ts';
import { ratioOfSums, sumsInterval } from '../../../tuner/trial/sums.ts';
import { stepTrial } from '../../../tuner/trial/switchback.ts';
import { designOf, measuredPairs, type Sketch, windowOf } from './build-window.ts';

const throughput = parseGoal({ maximize: 'throughput', subjectTo: [] });
const design = { goal: throughput, revertAt: -0.02 };

/** Pairs of windows, and nothing but them. `of`: what a window is, by its number. */
function pairsOf(count: number, baseline: (i: number) => Sketch, candidate: (i: number) => Sketch): AllWindows {
  const pairs = Array.from({ length: count }, (_, i) => {
    const [before, after] = [windowOf(baseline(i)), windowOf(candidate(i))];
    const d = Math.log(Math.max(0.5, after.outcomes.ok) / Math.max(0.5, before.outcomes.ok));
    return { order: 'AB', after: null, baseline: before, candidate: after, d } as const;
  });
  return { baseline: pairs.map((one) => one.baseline), candidate: pairs.map((one) => one.candidate), pairs };
}

const noisy = (name: string, level: number, badOneIn = Infinity, left = 1) => {
  const random = randomStream(3, name);
  return (): Sketch => ({
    ok: Math.round(1000 * level * Math.exp(0.035 * gaussian(random)) * (random() < 1 / badOneIn ? left : 1)),
  });
};

describe('all calls', () => {
  it('object to a candidate that gains a tenth and all but stops in one window of eight, and blame it in the end', () => {
    const few = readAllCalls(design, pairsOf(40, noisy('a', 1), noisy('b', 1.1, 8, 0.1)));
    expect(few.objections.length).toBe(1);
    const many = readAllCalls(design, pairsOf(160, noisy('a', 1), noisy('b', 1.1, 8, 0.1)));
    expect(many.objections.map(({ proven }) => proven)).toEqual([true]);
    expect(many.effect?.estimate).toBeLessThan(0);
  });

  it('do not call a loss proven that nobody can tell from chance, though a setting that lost does not stay', () => {
    const few = readAllCalls(design, pairsOf(20, noisy('a', 1), noisy('b', 0.95)));
    expect(few.objections.map(({ proven }) => proven)).toEqual([false]);
    expect(outcomeOfAllCalls(few, false)).toBe('few');
    expect(outcomeOfAllCalls(few, true)).toBe('lost');
    expect(triggers['all calls lost']).toMatchObject({ proven: false, harms: false, keeps: null });
    const even = readAllCalls(design, pairsOf(20, noisy('a', 1), noisy('b', 1.02)));
    expect(outcomeOfAllCalls(even, true)).toBe('passed');
    const many = readAllCalls(design, pairsOf(160, noisy('a', 1), noisy('b', 1.1, 8, 0.1)));
    expect(outcomeOfAllCalls(many, false)).toBe('proven');
  });

  it('are enough once what they may have missed cannot undo the gain, and at 60 windows whatever the gain', () => {
    const outcome = (gain: number, windows: number, goal = throughput) => {
      const told = { goal, revertAt: -0.02 };
      return outcomeOfAllCalls(readAllCalls(told, pairsOf(windows, noisy('a', 1), noisy('b', gain))), false);
    };
    expect([outcome(1.5, 8), outcome(1.5, 5), outcome(1.1, 25), outcome(1.1, 45)]).toEqual([
      'passed',
      'few',
      'few',
      'passed',
    ]);
    expect([outcome(1.05, 40), outcome(1.05, 60)]).toEqual(['few', 'passed']);
    // A tail is ruined by fewer bad windows than a sum, and nobody knows how bad those of a latency may be.
    const guarded = parseGoal({ maximize: 'throughput', subjectTo: ['p99 within 10%'] });
    expect([outcome(1.5, 40, guarded), outcome(1.5, 45, guarded)]).toEqual(['few', 'passed']);
    const latency = parseGoal({ minimize: 'mean', subjectTo: [] });
    expect([outcome(1.5, 55, latency), outcome(1.5, 60, latency)]).toEqual(['few', 'passed']);
  });

  it('let a candidate that loses a few per cent stay in at most one series of sixty, though they are asked after every window', () => {
    const series = 120;
    const passed = Array.from({ length: series }, (_, seed) => {
      const all = pairsOf(150, noisy(`before ${seed}`, 1), noisy(`after ${seed}`, 1.1, 8, 0.1));
      for (let count = 60; count <= 150; count += 3) {
        // As in a hold-back, which keeps a tenth of its windows on the anchor.
        const few = Math.ceil(count / 8);
        const [baseline, pairs] = [all.baseline.slice(0, few), all.pairs.slice(0, few)];
        const candidate = all.candidate.slice(0, count);
        const outcome = outcomeOfAllCalls(readAllCalls(design, { baseline, candidate, pairs }), false);
        if (outcome !== 'open') return outcome === 'passed';
      }
      return false;
    });
    expect(passed.filter(Boolean).length).toBeLessThanOrEqual(series / 60);
  });

  it('object to no candidate that gains a little in every window', () => {
    const all = readAllCalls(design, pairsOf(60, noisy('a', 1), noisy('b', 1.03)));
    expect(all.objections).toEqual([]);
    expect(all.detail).toMatch(/^over all calls \+\d.*0 of 60 windows under it were bad.*share above 4\.9 %$/);
  });

  it('blame a candidate for bad windows of both arms in at most one series of fifty', () => {
    const blamed = Array.from({ length: 200 }, (_, seed) => {
      const all = pairsOf(150, noisy(`a${seed}`, 1, 20, 0.7), noisy(`b${seed}`, 1, 20, 0.7));
      // Whoever looks after every pair finds what is found at any of them.
      return all.pairs.some((_, i) => farEvidence(farPairs(all.pairs.slice(0, i + 1).map(({ d }) => d))) >= 100);
    });
    expect(blamed.filter(Boolean).length).toBeLessThanOrEqual(4);
  });

  it('see a p99 that one window in ten ruins, which the usual window does not show', () => {
    const goal = parseGoal({ maximize: 'throughput', subjectTo: ['p99 within 10%'] });
    const slow = (i: number): Sketch => ({ ok: 1030, meanMs: i % 10 === 9 ? 60 : 10 });
    const all = readAllCalls(
      { goal, revertAt: -0.02 },
      pairsOf(160, () => ({ meanMs: 10 }), slow),
    );
    expect(all.objections.map(({ says, proven }) => [says.slice(0, 14), proven])).toEqual([['p99 within 10%', true]]);
    const both = readAllCalls(
      { goal, revertAt: -0.02 },
      pairsOf(160, slow, (i) => slow(i + 5)),
    );
    expect(both.objections).toEqual([]);
  });

  it('do not let a setting stay under which a guardrail is broken over all calls, though nobody can say whose fault it is', () => {
    const goal = parseGoal({ maximize: 'throughput', subjectTo: ['errors within 0.1pp'] });
    const asked = { goal, revertAt: -0.02 };
    const failing = (i: number): Sketch => (i === 30 ? { ok: 900, others: { trap: 200 } } : { ok: 1100 });
    const few = readAllCalls(
      asked,
      pairsOf(60, () => ({}), failing),
    );
    expect(few.objections.map(({ proven, isBeyond }) => [proven, isBeyond])).toEqual([[false, true]]);
    expect([outcomeOfAllCalls(few, false), outcomeOfAllCalls(few, true)]).toEqual(['open', 'lost']);
    // With one more window as bad as the worst it would be broken, and as measured it is not.
    const doubted = readAllCalls(
      asked,
      pairsOf(
        90,
        () => ({}),
        (i) => (i === 30 ? { ok: 1000, others: { trap: 60 } } : { ok: 1100 }),
      ),
    );
    expect(doubted.objections.map(({ isBeyond }) => isBeyond)).toEqual([false]);
    expect(outcomeOfAllCalls(doubted, true)).toBe('passed');
  });

  it('see errors that come in one window of twenty', () => {
    const goal = parseGoal({ maximize: 'throughput', subjectTo: ['errors within 0.1pp'] });
    const failing = (i: number): Sketch => (i % 20 === 19 ? { ok: 1000, others: { trap: 60 } } : { ok: 1030 });
    const all = readAllCalls(
      { goal, revertAt: -0.02 },
      pairsOf(240, () => ({}), failing),
    );
    expect(all.objections.map(({ says, proven }) => [says.slice(0, 19), proven])).toEqual([
      ['errors within 0.1pp', true],
    ]);
  });
});

it('the result of a trial has the ratio of sums beside the effect of the usual window', () => {
  const trial = designOf({ maxPairs: 12, breakers: false });
  const seen = measuredPairs(trial, 12, (arm, pair) => ({ ok: arm === 'candidate' ? (pair === 3 ? 10 : 1100) : 1000 }));
  const { step } = stepTrial(trial, seen);
  const result = 'result' in step ? step.result : null;
  expect(result?.effect.estimate).toBeGreaterThan(0.08);
  expect(result?.allCalls?.estimate).toBeCloseTo((11 * 1.1 + 0.01) / 12 - 1, 6);
});

describe('the ratio of sums', () => {
  const objective = throughput.objective;
  const windows = (...oks: readonly number[]): Window[] => oks.map((ok) => windowOf({ ok }));

  it('weighs every call alike, so that one window that stops counts as what it cost', () => {
    const ratio = ratioOfSums(objective, windows(100, 100, 100, 100), windows(110, 110, 110, 110, 0));
    expect(Math.exp(ratio?.log ?? Number.NaN)).toBeCloseTo(0.88, 6);
  });

  it('is a gain where less is better and there is less, and nothing where an arm has hardly a window', () => {
    const mean = parseGoal({ minimize: 'mean' }).objective;
    const slow = [10, 10, 10, 10].map((meanMs) => windowOf({ meanMs }));
    const quick = [8, 8, 8, 8].map((meanMs) => windowOf({ meanMs }));
    const ratio = ratioOfSums(mean, slow, quick);
    expect(ratio && sumsInterval(ratio).estimate).toBeCloseTo(0.25, 2);
    expect(ratioOfSums(mean, slow.slice(2), quick)).toBeNull();
  });

  it('lies in its interval nineteen times out of twenty', () => {
    const covered = Array.from({ length: 300 }, (_, seed) => {
      const all = pairsOf(60, noisy(`c${seed}`, 1), noisy(`d${seed}`, 1.05));
      const ratio = ratioOfSums(objective, all.baseline, all.candidate);
      const { low, high } = sumsInterval(ratio ?? { log: 9, sigma: 0 });
      return low <= 0.05 && 0.05 <= high;
    });
    expect(covered.filter(Boolean).length / 300).toBeGreaterThan(0.91);
  });
});

it('bad windows that were met, and that were not, bound the share that there may be', () => {
  const clean = Array.from({ length: 59 }, () => windowOf());
  expect(badWindows(throughput.objective, clean)).toEqual({ count: 0, of: 59, atMost: expect.closeTo(0.0495, 3) });
  const some = [...clean, windowOf({ ok: 100 })];
  expect(badWindows(throughput.objective, some)).toEqual({ count: 1, of: 60, atMost: expect.closeTo(0.0766, 3) });
});

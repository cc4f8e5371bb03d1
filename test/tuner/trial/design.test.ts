/** What is fixed before a trial's first window: how much is thrown away, and how many pairs it may take. */
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/foundation/random.ts';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { defaultGuardrails, type GoalWords, parseGoal, parseGuardrail } from '../../../tuner/goal.ts';
import type { ResolvedTuneOptions, TuneOptions } from '../../../tuner/options.ts';
import { type DesignFacts, designOf, drainMs } from '../../../tuner/trial/design.ts';
import { fewestPairs } from '../../../tuner/trial/e-value.ts';
import { refuse } from '../../../tuner/trial/gates.ts';
import { unjudgeable } from '../../../tuner/trial/plan.ts';
import { shortestWindowMs } from '../../../tuner/trial/window-length.ts';
import { SampleSession, sampleStart } from '../../support/sample-ledger.ts';
import { windowOf } from './build-window.ts';

function factsOf(meanMs: number, sigmaD = 0.02): DesignFacts {
  const [entry] = new SampleSession({ tune: { mode: 'confirm' } }).entries;
  return {
    session: entry as SessionEntry,
    current: sampleStart,
    reference: { windows: Array.from({ length: 8 }, () => windowOf({ meanMs })), sigmaD, cpus: 2 },
    spent: [],
    nextTrial: 1,
  };
}

describe('what is thrown away after a flip', () => {
  const designIn = (meanMs: number) => designOf(factsOf(meanMs), 0, { purpose: 'candidate' }, sampleStart);

  test('of quick calls a tenth of a window is thrown away after a flip', () => {
    const { windowMs, discardMs } = designIn(1);
    expect(discardMs).toBeCloseTo(0.1 * windowMs, 6);
  });

  test('of slow calls as long as they take to drain is thrown away after a flip, and a window is longer than that', () => {
    const { windowMs, discardMs } = designIn(200);
    const drain = drainMs(factsOf(200).reference.windows);
    expect(drain).toBeGreaterThan(0.1 * windowMs);
    expect(discardMs).toBeCloseTo(drain, 6);
    expect(windowMs).toBeGreaterThan(drain);
  });
});

test.each([
  ['a gain that a look has plainly shown is tried in windows that only outlast what drains', 0.5, 0.05, true],
  ['a gain that may be small is tried in windows of five times the p99', 0.2, 0.05, false],
  ['a gain that was hardly seen is tried in windows of five times the p99', 0.5, 0.2, false],
])('%s', (_, gain, sd, isShort) => {
  const facts = factsOf(200);
  const candidate = { ...sampleStart, [Object.keys(sampleStart)[0] ?? '']: 7 };
  const visits = [{ settings: candidate, from: sampleStart, gain, sd, windows: 3 }];
  const designed = (from: DesignFacts) => designOf(from, 0, { purpose: 'candidate' }, candidate).windowMs;
  const drain = drainMs(facts.reference.windows);
  expect(designed({ ...facts, visits })).toBeGreaterThanOrEqual(1.5 * drain);
  expect(designed({ ...facts, visits }) < 0.8 * designed(facts)).toBe(isShort);
});

describe('what a change is known to cost', () => {
  const [id = ''] = Object.keys(sampleStart);
  const candidate = { ...sampleStart, [id]: 7 };
  const costly = { ...factsOf(1), changeCosts: { [id]: { washMs: 3000, lostMs: 900 } } };

  test('is waited out after each flip, in windows that are as long', () => {
    const { discardMs, windowMs } = designOf(costly, 0, { purpose: 'candidate' }, candidate);
    expect(discardMs).toBe(3000);
    expect(windowMs).toBeGreaterThanOrEqual(3000);
    expect(designOf(costly, 0, { purpose: 'hold-back' }, candidate).discardMs).toBe(3000);
  });

  test('is not waited for where that knob stays, or where one setting is held against itself', () => {
    const other = { ...factsOf(1), changeCosts: { other: { washMs: 3000, lostMs: 900 } } };
    expect(designOf(other, 0, { purpose: 'candidate' }, candidate).discardMs).toBeLessThan(500);
    expect(designOf(costly, 0, { purpose: 'a/a' }, sampleStart).discardMs).toBeLessThan(500);
  });
});

test('a gain that takes longer to prove than a trial may last is refused for that, and one that takes less is not', () => {
  const predicted = {
    gain: { estimate: 0.1, low: 0.06, high: 0.14, level: 0.8 },
    pGain: 0.99,
    risk: 'low',
    model: 'm',
  };
  const codeAt = (sigmaD: number) =>
    refuse(factsOf(1, sigmaD), 0, { ...sampleStart }, { ...predicted, risk: 'low' })?.code ?? null;
  // More pairs than are ever planned, and pairs that could be planned in a longer trial.
  expect(codeAt(5)).toBe('too-long');
  expect(codeAt(0.25)).toBe('too-long');
  expect(codeAt(0.02)).toBeNull();
});

test('a hold-back can pass on five pairs, and on no fewer; a trial takes seven', () => {
  const facts = factsOf(10);
  expect(fewestPairs(designOf(facts, 0, { purpose: 'hold-back' }, sampleStart).alpha)).toBe(5);
  expect(fewestPairs(designOf(facts, 0, { purpose: 'candidate' }, sampleStart).commitAlpha)).toBe(7);
});

/** 120 calls a second, in windows of 500 ms. */
const fewCalls = (options: Partial<TuneOptions>, words: GoalWords): DesignFacts => {
  const known = factsOf(10);
  const windows = Array.from({ length: 20 }, () => windowOf({ ok: 60, forMs: 500 }));
  const session = {
    ...known.session,
    options: { ...known.session.options, ...options } as ResolvedTuneOptions,
    goal: parseGoal(words),
  };
  return { ...known, session, reference: { ...known.reference, windows } };
};
const designIn = (of: DesignFacts) => designOf(of, 0, { purpose: 'candidate' }, sampleStart);
const textsIn = (of: DesignFacts) => designIn(of).goal.guardrails.map(({ text }) => text);

describe('the length of the windows of a trial', () => {
  const facts = { givenMs: 500, completions: 50, perMs: 10, drainMs: 5, guardrails: [], maxDurationMs: 600_000 };
  const p99 = [parseGuardrail('p99 within 10%')];

  test('windows are no longer than their calls, the drain and the clock ask for', () => {
    expect(shortestWindowMs(facts)).toBe(200);
    expect(shortestWindowMs({ ...facts, givenMs: 100 })).toBe(100);
    expect(shortestWindowMs({ ...facts, perMs: 0.1 })).toBeCloseTo(500);
    expect(shortestWindowMs({ ...facts, drainMs: 300 })).toBeCloseTo(1500);
  });

  test('a whole number of pairs makes a block of the calls that a p99 takes, and each a little more than its share', () => {
    for (const perMs of [0.3, 0.7, 1, 1.5, 2, 2.4]) {
      const calls = perMs * shortestWindowMs({ ...facts, perMs, guardrails: p99 });
      const pairs = Math.round((1.1 * 396) / calls);
      expect(calls * pairs).toBeGreaterThan(396);
      expect(calls * pairs).toBeLessThan(1.3 * 396);
    }
    expect(shortestWindowMs({ ...facts, guardrails: p99 })).toBe(200);
  });

  test('slow calls leave time for a dozen pairs in half of the time that a trial may take', () => {
    const windowMs = shortestWindowMs({ ...facts, drainMs: 4000 });
    expect(windowMs).toBeLessThan(5 * 4000);
    expect(24 * (windowMs + 4000)).toBeLessThanOrEqual(300_000);
  });
});

describe('guardrails of a trial of few calls', () => {
  test('windows are as long as it takes to judge the guardrails that somebody wrote, where the time allows it', () => {
    const subjectTo = ['p50 within 2%'];
    const noisy = (maxDurationMs: number): DesignFacts => {
      const known = fewCalls({ maxDurationMs }, { subjectTo });
      const random = randomStream(3, 'noisy');
      const windows = known.reference.windows.map(() =>
        windowOf({ ok: 60, forMs: 500, meanMs: 10 * (1 + 0.6 * random()) }),
      );
      return { ...known, reference: { ...known.reference, windows } };
    };
    const [long, short] = [designIn(noisy(600_000)), designIn(noisy(20_000))];
    expect(unjudgeable(long, noisy(600_000).reference.windows)).toEqual([]);
    expect(long.windowMs).toBeGreaterThan(1.5 * short.windowMs);
    expect(unjudgeable(short, noisy(20_000).reference.windows)).toHaveLength(1);
  });

  test('a default guardrail gives way to the tightest of its ladder that half of the time can judge, and names what was wished', () => {
    expect(textsIn(fewCalls({ maxDurationMs: 600_000 }, {}))).toEqual(defaultGuardrails);
    const short = designIn(fewCalls({ maxDurationMs: 120_000 }, {})).goal.guardrails;
    expect(short[0]).toMatchObject({ text: 'errors within 0.5pp', insteadOf: 'errors within 0.1pp' });
    const shorter = designIn(fewCalls({ maxDurationMs: 30_000 }, {})).goal.guardrails;
    expect(shorter[0]).toMatchObject({ text: 'errors within 1pp', insteadOf: 'errors within 0.1pp' });
    expect(shorter[2]).toMatchObject({ text: 'p95 within 10%', insteadOf: 'p99 within 10%' });
  });

  test('a guardrail that somebody wrote stays as it is, also in the words of a default', () => {
    const written = fewCalls({ maxDurationMs: 30_000 }, { subjectTo: defaultGuardrails });
    expect(textsIn(written)).toEqual(defaultGuardrails);
    expect(unjudgeable(designIn(written), written.reference.windows).length).toBeGreaterThan(0);
  });

  test('a hold-back is judged by the guardrails that its trial had', () => {
    const facts = fewCalls({ maxDurationMs: 30_000 }, {});
    const after = designIn(facts);
    expect(designOf(facts, 0, { purpose: 'hold-back', after }, sampleStart).goal).toEqual(after.goal);
  });
});

test('only time bounds the pairs of a trial', () => {
  const { maxPairs, windowMs, discardMs } = designIn(fewCalls({ maxDurationMs: 600_000 }, { subjectTo: [] }));
  expect(maxPairs * 2 * (0.8 * windowMs + discardMs)).toBeGreaterThanOrEqual(600_000);
});

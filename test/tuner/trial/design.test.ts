/** What is fixed before a trial's first window: how much is thrown away, and how many pairs it may take. */
import { describe, expect, test } from 'vitest';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { type DesignFacts, designOf, drainMs } from '../../../tuner/trial/design.ts';
import { fewestPairs } from '../../../tuner/trial/e-value.ts';
import { refuse } from '../../../tuner/trial/gates.ts';
import { unjudgeable } from '../../../tuner/trial/plan.ts';
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

test('a gain that takes more pairs to prove than there may be is refused for that, and one that takes fewer is not', () => {
  const predicted = {
    gain: { estimate: 0.1, low: 0.06, high: 0.14, level: 0.8 },
    pGain: 0.99,
    risk: 'low',
    model: 'm',
  };
  const codeAt = (sigmaD: number) =>
    refuse(factsOf(1, sigmaD), 0, { ...sampleStart }, { ...predicted, risk: 'low' })?.code ?? null;
  expect(codeAt(1)).toBe('too-many-pairs');
  expect(codeAt(0.02)).toBeNull();
});

test('a hold-back can pass on five pairs, and on no fewer; a trial takes seven', () => {
  const facts = factsOf(10);
  expect(fewestPairs(designOf(facts, 0, { purpose: 'hold-back' }, sampleStart).alpha)).toBe(5);
  expect(fewestPairs(designOf(facts, 0, { purpose: 'candidate' }, sampleStart).commitAlpha)).toBe(7);
});

describe('windows of a trial in mode auto', () => {
  /** 120 calls a second, in windows of 500 ms. */
  const facts = (mode: 'auto' | 'confirm', maxDurationMs = 600_000): DesignFacts => {
    const known = factsOf(10);
    const windows = Array.from({ length: 20 }, () => windowOf({ ok: 60, forMs: 500 }));
    const options = { ...known.session.options, mode, maxDurationMs };
    const session = { ...known.session, options, goal: parseGoal({ subjectTo: ['errors within 0.1pp'] }) };
    return { ...known, session, reference: { ...known.reference, windows } };
  };
  const designIn = (of: DesignFacts) => designOf(of, 0, { purpose: 'candidate' }, sampleStart);

  test('windows are as long as it takes to judge the guardrails with the calls that come, where the time allows it', () => {
    const [auto, confirm] = [designIn(facts('auto')), designIn(facts('confirm'))];
    expect(auto.windowMs).toBeGreaterThan(1.2 * confirm.windowMs);
    expect(unjudgeable(auto, facts('auto').reference.windows)).toEqual([]);
    expect(unjudgeable(confirm, facts('auto').reference.windows)).toHaveLength(1);
  });

  test('windows stay short where longer ones would not do within the time that a trial may take', () => {
    const short = facts('auto', 60_000);
    expect(designIn(short).windowMs).toBe(designIn(facts('confirm')).windowMs);
  });
});

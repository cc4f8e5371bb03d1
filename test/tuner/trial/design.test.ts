/** What is fixed before a trial's first window: how much is thrown away, and how many pairs it may take. */
import { describe, expect, test } from 'vitest';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { type DesignFacts, designOf, drainMs } from '../../../tuner/trial/design.ts';
import { fewestPairs } from '../../../tuner/trial/e-value.ts';
import { refuse } from '../../../tuner/trial/gates.ts';
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

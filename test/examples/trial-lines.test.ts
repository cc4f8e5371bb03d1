import { expect, it } from 'vitest';
import { trialLinesOf, whyNothingPredicted } from '../../examples/demo/trial-lines.ts';
import { historyOf } from '../../tuner/history.ts';
import { SampleSession, sampleStart } from '../support/sample-ledger.ts';

it('a trial that ended without a verdict has neither effect nor evidence, instead of a measured zero', () => {
  const { entries } = new SampleSession()
    .baseline(1)
    .trial({ to: { batchSize: 64 }, gain: 1, pairs: 2, cutOff: true })
    .record({
      kind: 'decision',
      trial: 1,
      decision: 'revert',
      trigger: 'load changed',
      settings: sampleStart,
      callsAffected: 10,
      afterMs: 20,
      reason: 'another load',
    });
  expect(trialLinesOf(historyOf(entries).sessions[0]!)).toEqual([
    {
      id: 1,
      from: sampleStart,
      settings: { ...sampleStart, batchSize: 64 },
      predicted: null,
      verdict: null,
      decision: 'revert',
      trigger: 'load changed',
      pairs: 2,
      eValue: null,
      effect: null,
      allCalls: null,
      reason: 'another load',
      kept: false,
      covered: null,
    },
  ]);
});

it('why nothing was predicted is the noise until it is known, then what the models said, and nothing after a prediction', () => {
  const session = new SampleSession().baseline(1);
  const why = () => whyNothingPredicted(historyOf(session.entries).sessions[0]!);
  session.record({ kind: 'not-tried', code: 'not-stable', settings: null, reason: 'not quiet' });
  expect(why()).toBe('measuring the noise took the time');
  session.trial({ purpose: 'a/a', gain: 0, pairs: 2 });
  session.record({ kind: 'not-tried', code: 'nothing-predicted', settings: null, reason: 'no model predicts a gain' });
  expect(why()).toBe('no model predicts a gain');
  session.trial({
    to: { batchSize: 64 },
    gain: 1,
    pairs: 2,
    predicted: { estimate: 1, low: 0.5, high: 2, level: 0.9 },
  });
  expect(why()).toBeNull();
});

it('a noise measurement and a trial without a decision have no line', () => {
  const { entries } = new SampleSession()
    .baseline(1)
    .trial({ purpose: 'a/a', gain: 0, pairs: 2 })
    .trial({ to: { batchSize: 64 }, gain: 1, pairs: 2 })
    .trial({ to: { threads: 2 }, gain: 0, pairs: 2, cutOff: true });
  expect(trialLinesOf(historyOf(entries).sessions[0]!).map((line) => line.id)).toEqual([2]);
});

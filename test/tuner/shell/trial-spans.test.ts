import { afterEach, expect, it } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { historyOf } from '../../../tuner/history.ts';
import { TrialSpans } from '../../../tuner/shell/trial-spans.ts';
import { registerTelemetry, unregisterTelemetry } from '../../measure/spans-support.ts';
import { SampleSession } from '../../support/sample-ledger.ts';

afterEach(unregisterTelemetry);

/** The spans that are finished once the session has gone on, one entry at a time, to its end. */
function spansOf({ entries }: SampleSession) {
  using telemetry = registerTelemetry();
  const spans = new TrialSpans(manualTime().clock, 'demo');
  let history = historyOf([]);
  for (const entry of entries) {
    history = historyOf([entry], history);
    spans.update(history.sessions[0]!);
  }
  return {
    trials: telemetry.spans('sandtune.trial').map(({ attributes }) => attributes),
    decisions: telemetry.spans('sandtune.decision').map(({ attributes }) => attributes['sandtune.decision']),
  };
}

const plan = { to: { batchSize: 64 }, gain: 4, pairs: 3 } as const;

it('a trial has one span from its beginning to its decision, with its verdict', () => {
  const { trials, decisions } = spansOf(
    new SampleSession()
      .baseline(1)
      .trial(plan)
      .trial({ ...plan, decision: 'revert' }),
  );
  expect(trials).toMatchObject([
    { 'sandtune.trial': 1, 'sandtune.trial.verdict': 'better', 'sandtune.trial.pairs': 3 },
    { 'sandtune.trial': 2, 'sandtune.trial.verdict': 'better' },
  ]);
  expect(decisions).toEqual(['commit', 'revert']);
});

it('the span of a trial against itself ends with its verdict, and has no decision', () => {
  const { trials, decisions } = spansOf(new SampleSession().baseline(1).trial({ purpose: 'a/a', gain: 0, pairs: 3 }));
  expect(trials).toMatchObject([{ 'sandtune.trial.purpose': 'a/a', 'sandtune.trial.pairs': 3 }]);
  expect(decisions).toEqual([]);
});

it('the span of a trial stays open while an answer is awaited', () => {
  expect(spansOf(new SampleSession().baseline(1).trial({ ...plan, asked: true })).trials).toEqual([]);
});

it('the span of a trial that was cut off ends with its session, without a verdict', () => {
  const { trials } = spansOf(
    new SampleSession()
      .baseline(1)
      .trial({ ...plan, cutOff: true })
      .stop(),
  );
  expect(trials).toHaveLength(1);
  expect(trials[0]).not.toHaveProperty('sandtune.trial.verdict');
});

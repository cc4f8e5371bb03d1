import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { resultShape } from '../../../tuner/entries/trial-shape.ts';
import { parseGuardrail } from '../../../tuner/goal.ts';
import { memoryLedger, SampleSession } from '../../support/sample-ledger.ts';
import { storyText } from '../terminal/live/story-text.ts';

const session = () =>
  new SampleSession()
    .baseline()
    .trial({ to: { batchSize: 64 }, gain: 0.3, pairs: 16 })
    .stop();
const allCalls = { estimate: 0.123, low: 0.101, high: 0.145, level: 0.95 };

function withAllCalls(entry: Entry): Entry {
  if (entry.kind !== 'record' || entry.record.kind !== 'verdict') return entry;
  return { ...entry, record: { ...entry.record, result: { ...entry.record.result, allCalls } } };
}

test('what all calls together say stands beside the effect in the page, the Markdown and the JSON', () => {
  const { html, markdown, data } = report(memoryLedger(session().entries.map(withAllCalls)));
  expect(html).toContain('over all calls +12.3 %');
  expect(markdown).toContain('over all calls +12.3 %');
  expect(data.trials.at(-1)?.allCalls).toEqual(allCalls);
});

test('the live view says beside each effect what all calls together say, and over how long a guardrail was judged', () => {
  const told = storyText(session().entries.map(withAllCalls));
  expect(told).toMatch(
    /verdict {2}better: goodput \+[\d.]+ %.*\n(?:.*\n)?\s+over all calls goodput \+12\.3 % \(95 %\s+interval/,
  );
  const reading = { state: 'holds', baseline: 1, candidate: 1, detail: '', judgedMs: 4200 } as const;
  const guarded = session().entries.map((entry): Entry => {
    if (entry.kind !== 'record' || entry.record.kind !== 'verdict') return entry;
    const guardrails = [{ ...reading, guardrail: parseGuardrail('p99 < 50ms') }];
    return { ...entry, record: { ...entry.record, result: { ...entry.record.result, guardrails } } };
  });
  expect(storyText(guarded)).toContain('✓ p99 < 50ms, judged over 4.20 s');
});

test('a setting that was reverted is listed with what all calls say of it', () => {
  const reverted = new SampleSession()
    .baseline()
    .trial({ to: { batchSize: 64 }, gain: -0.3, pairs: 16, verdict: 'worse', trigger: 'worse', decision: 'revert' });
  const { html } = report(memoryLedger(reverted.stop().entries.map(withAllCalls)));
  expect(html.match(/over all calls \+12\.3 %/g)?.length).toBeGreaterThanOrEqual(2);
  expect(html.slice(html.indexOf('Reverted, and why'))).toContain('over all calls +12.3 %');
});

test('a ledger from before all calls were asked reads as it did', () => {
  const { entries } = session();
  const results = entries.flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'verdict' ? [one.record.result] : [],
  );
  expect(results.map(resultShape)).toEqual(results.map(() => true));
  expect(report(memoryLedger(entries)).html).not.toContain('over all calls');
});

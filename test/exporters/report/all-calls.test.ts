import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { resultShape } from '../../../tuner/entries/trial-shape.ts';
import { memoryLedger, SampleSession } from '../../support/sample-ledger.ts';

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

test('a ledger from before all calls were asked reads as it did', () => {
  const { entries } = session();
  const results = entries.flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'verdict' ? [one.record.result] : [],
  );
  expect(results.map(resultShape)).toEqual(results.map(() => true));
  expect(report(memoryLedger(entries)).html).not.toContain('over all calls');
});

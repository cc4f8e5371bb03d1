import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import { quote } from '../../../exporters/report/collect/statement.ts';
import type { RecordOf } from '../../../tuner/entries/entries.ts';
import { memoryLedger, SampleSession, sampleStart } from '../../support/sample-ledger.ts';
import { unpredictedAfterProbe } from '../../support/told-stories.ts';

const predicted = {
  gain: { estimate: 0.77, low: 0.2, high: 1.4, level: 0.8 },
  pGain: 0.97,
  risk: 'low',
  model: 'batch',
} as const;

function told(record: Partial<RecordOf<'not-tried'>>, mode: 'auto' | 'advise' = 'auto') {
  const settings = { ...sampleStart, batchSize: 8 };
  const base = { kind: 'not-tried', code: 'too-long', settings, reason: 'it would take too long' } as const;
  const session = new SampleSession({ tune: { mode } }).baseline().record({ ...base, ...record });
  return report(memoryLedger(session.stop().entries));
}

test('what a gate kept from being tried has in the JSON what would allow it, as options and as something to write', () => {
  const allow = [
    { option: 'minGain', value: 0.01 },
    { option: 'maxDurationMs', value: 900_000 },
  ] as const;
  const { json, html } = told({ refused: { from: sampleStart, predicted, allow } });
  const toAllow = 'tune(executor, { maxDurationMs: 900000, expert: { minGain: 0.01 } })';
  expect(JSON.parse(json).notTried).toEqual([
    expect.objectContaining({ code: 'too-long', reason: 'it would take too long', allow, toAllow }),
  ]);
  expect(html).toContain(`it would take too long; to allow it: ${toAllow}`);
});

test('where no option lets a setting through, the proposal by hand is what would', () => {
  const [one] = told({ code: 'high-risk', refused: { from: sampleStart, predicted, allow: null } }).data.notTried;
  expect(one).toMatchObject({
    allow: null,
    toAllow: 'tuner.propose({ batchSize: 8 }), which no gate holds back',
  });
});

test('a probe that mode advise does not allow is allowed by mode confirm', () => {
  const { data } = told({ code: 'needs-probe' }, 'advise');
  expect(data.notTried[0]).toMatchObject({
    allow: [{ option: 'mode', value: 'confirm' }],
    toAllow: "tune(executor, { mode: 'confirm' })",
  });
  expect(data.verdict.rest).toBe("to allow it: tune(executor, { mode: 'confirm' })");
});

test('what nothing holds back names nothing that would allow it', () => {
  const { data, html } = told({ code: 'nothing-predicted', settings: null });
  expect(data.notTried[0]).toMatchObject({ allow: null, toAllow: null });
  expect(html).not.toContain('to allow it');
});

test('a setting that a probe saw better and no model predicts names the gate, and not what the models say of the load', () => {
  const { data } = report(memoryLedger(unpredictedAfterProbe()));
  expect(data.verdict.line).toMatch(
    /^batchSize 8 looks \d+ % better \(probe\); not tried, because after the probe no model predicts a gain of more than 5 % \(minGain\); to allow it: tuner\.propose\(\{ batchSize: 8 \}\), which no gate holds back\.$/,
  );
});

test('what is quoted of a long text ends between its clauses, else between its words', () => {
  expect(quote('short; text')).toBe('short; text');
  expect(quote('one clause of many words; '.repeat(40))).toMatch(
    /^(one clause of many words; )+one clause of many words …$/,
  );
  expect(quote('word '.repeat(100))).toMatch(/^(word )+…$/);
  expect(quote('x'.repeat(400))).toHaveLength(302);
});

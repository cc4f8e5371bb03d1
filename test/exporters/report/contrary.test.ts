/** Trials that do not agree with each other, or lead back to where they began: what each has shown is told. */
import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import { memoryLedger, SampleSession } from '../../support/sample-ledger.ts';
import { thereAndBack, triedAgainAndWorse, worse, worseThenBetter } from '../../support/told-stories.ts';
import { claimFaults } from './claim-faults.ts';
import { LedgerFacts } from './ledger-facts.ts';

test('two changes that were each proven better and lead back to the start are not told as none proven', () => {
  const { data, markdown } = report(memoryLedger(thereAndBack()));
  expect(data.verdict.line).toBe(
    'No change made: threads 3 → 4 and threads 4 → 3 were each proven better, which leads back to the setting at the start.',
  );
  expect(markdown).not.toContain('none was proven');
  expect(data.settings.knobs.some((one) => one.changed)).toBe(false);
});

test('a change that was proven better and then worse is told as both', () => {
  const entries = triedAgainAndWorse();
  const { data } = report(memoryLedger(entries));
  expect(data.verdict.line).toBe(
    'No change made: batchSize 1 → 64 was proven better, and then, in trial 2, proven worse than the loss you accept.',
  );
  expect(claimFaults(new LedgerFacts(entries), data)).toEqual([]);
});

test('a change that was proven worse before it was proven better is not told as another change', () => {
  const { data } = report(memoryLedger(worseThenBetter()));
  expect(data.verdict.action).toBe('Set threads to 4');
  expect(data.verdict.rest).toBe(
    'another trial of this change did not agree: it was, in trial 1, proven worse than the loss you accept',
  );
});

test('a change that is better and breaks a limit is told as both', () => {
  const broke = { verdict: 'worse', trigger: 'guardrail', decision: 'revert' } as const;
  const session = new SampleSession().baseline().trial({ to: { batchSize: 64 }, gain: 4.12, pairs: 9, ...broke });
  const { line } = report(memoryLedger(session.stop().entries)).data.verdict;
  expect(line).toContain('none was proven better within the limits');
  expect(line).toMatch(/closest: batchSize 1 → 64, \+\d+….*, proven to break one of the limits\.$/);
});

test('a change under which a limit is broken, as it is under the setting before, is not told as harm', () => {
  const both = { verdict: 'inconclusive', trigger: 'limit broken by both', decision: 'revert' } as const;
  const session = new SampleSession().baseline().trial({ to: { batchSize: 64 }, gain: 0.5, pairs: 3, ...both });
  const { data, markdown } = report(memoryLedger(session.stop().entries));
  expect(data.figures.find((one) => one.kind === 'reverted')?.note).toMatch(/; none proven to do harm$/);
  expect(markdown).toContain('none: both settings break a limit');
  expect(markdown).not.toMatch(/worse|proven on a limit/);
  expect(data.verdict.line).toContain('a limit is broken under it, and under the setting before as well');
});

test('a setting that was reverted again and again is one setting', () => {
  const session = new SampleSession().baseline();
  for (let i = 0; i < 3; i++) session.trial({ to: { threads: 4 }, gain: -0.3, pairs: 6, ...worse });
  const { data, html, markdown } = report(memoryLedger(session.stop().entries));
  const figure = data.figures.find((one) => one.kind === 'reverted');
  expect(figure?.value).toBe('1 setting, 3 times');
  expect(figure?.note).toMatch(/; 3 times proven to do harm$/);
  for (const text of [html, markdown]) expect(text).toContain('1 setting, 3 times');
});

test('a ledger whose session cannot be read is not told as one without a session', () => {
  const [begun, ...others] = worseThenBetter();
  const { data } = report(memoryLedger([{ ...begun, knobs: 'none' } as never, ...others]));
  expect(data.verdict.line).toBe('Not judged: the ledger holds no session that can be read.');
});

test('a failure before the first window is what a report has to tell', () => {
  const { entries } = new SampleSession()
    .event({ kind: 'failed', atMs: 1_500, what: 'measure', message: 'the pool is gone', settings: {} })
    .stop();
  expect(report(memoryLedger(entries)).data.verdict.claim).toBe('measure failed: the pool is gone');
});

test('an error of a million lines is a line of the verdict, and is told where it stands', () => {
  const message = 'out of memory\n'.repeat(1e6);
  const { entries } = new SampleSession()
    .baseline(3)
    .event({ kind: 'failed', atMs: 9_000, what: 'measure', message, settings: {} })
    .stop();
  const { data, json } = report(memoryLedger(entries));
  expect(data.verdict.claim).toMatch(/^measure failed: (out of memory ){20}.*…$/);
  expect(data.verdict.claim.length).toBeLessThan(400);
  expect(json.length).toBeLessThan(100_000);
  expect(data.claims[0]?.entries).toHaveLength(1);
});

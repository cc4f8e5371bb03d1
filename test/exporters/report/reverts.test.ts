import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import { memoryLedger, SampleSession, sampleStart } from '../../support/sample-ledger.ts';
import { noChangeStory, richStory } from '../../support/sample-stories.ts';

test('the total of calls under settings that were reverted is that of the list, and page and summary quote it', () => {
  const { data, html, markdown } = report(memoryLedger(mixed().entries));
  expect(data.reverts.map((one) => one.trigger)).toEqual(['worse', 'futile', 'stopped']);
  const total = data.reverts.reduce((sum, one) => sum + one.callsAffected, 0);
  expect(total).toBeGreaterThan(0);
  expect(data.callsAffectedByReverts).toBe(total);
  const words = `${String(total).replace(/\B(?=(\d{3})+$)/g, ',')} calls ran under them`;
  // The figure, the list, and where each statement stands.
  expect(html.match(new RegExp(words, 'g'))).toHaveLength(3);
  expect(markdown).toContain(`3 settings, ${words}; 1 proven to do harm`);
  expect(html).toContain('<dd>3 settings<small>');
});

test('a trial is reverted in the table exactly when it is in the list of reverts', () => {
  for (const entries of [richStory(), noChangeStory(), mixed().entries]) {
    const { data } = report(memoryLedger(entries));
    const reverted = data.trials.filter((one) => one.decision === 'revert').map((one) => one.trial);
    expect(data.reverts.map((one) => one.trial).toSorted((a, b) => a - b)).toEqual(reverted);
  }
});

test('where nothing was reverted, no call was affected', () => {
  const { data, html, markdown } = report(
    memoryLedger(
      new SampleSession()
        .baseline()
        .trial({ to: { batchSize: 8 }, gain: 1, pairs: 9 })
        .stop().entries,
    ),
  );
  expect(data).toMatchObject({ reverts: [], callsAffectedByReverts: 0 });
  expect(html).toContain('<dd>nothing<small>');
  expect(markdown).not.toContain('Reverted, and why');
});

/** A loss, one without proof, and a commit whose hold-back was cut short by the end. */
function mixed(): SampleSession {
  const session = new SampleSession()
    .baseline()
    .trial({ to: { batchSize: 2 }, gain: -0.3, pairs: 4, verdict: 'worse', trigger: 'worse', decision: 'revert' })
    .trial({ to: { threads: 4 }, gain: 0, pairs: 4, verdict: 'inconclusive', trigger: 'futile', decision: 'revert' })
    .trial({ to: { batchSize: 64 }, gain: 4, pairs: 9 });
  const first = session.entries.flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'trial' ? [one.record] : [],
  )[2];
  return session
    .record({ ...(first ?? expect.fail('no trial')), trial: 4, purpose: 'hold-back' })
    .record({
      kind: 'decision',
      trial: 4,
      decision: 'revert',
      trigger: 'stopped',
      settings: sampleStart,
      callsAffected: 0,
      afterMs: 0,
      reason: 'the commit had not passed its hold-back yet, so the anchor is the setting before it',
    })
    .stop();
}

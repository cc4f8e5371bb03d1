/** What the story tells of a setting while its hold-back runs, and of one that is left out. */
import { describe, expect, it } from 'vitest';
import { SampleSession, sampleStart } from '../../../support/sample-ledger.ts';
import { storyText } from './story-text.ts';

describe('the diff of a setting whose hold-back is still to come', () => {
  const settings = { ...sampleStart, batchSize: 64 };
  const committed = () => {
    const session = new SampleSession().baseline().trial({ to: { batchSize: 64 }, gain: 4, pairs: 9 });
    const record = session.entries.findLast((one) => one.kind === 'record' && one.record.kind === 'trial');
    if (record?.kind !== 'record' || record.record.kind !== 'trial') throw new Error('expected a trial');
    return session.record({ ...record.record, trial: record.record.trial + 1, purpose: 'hold-back' }).remark({
      kind: 'patch',
      settings,
      patches: [{ knob: 'batchSize', patch: { before: '', after: 'size: 64,' } }],
    });
  };

  it('waits until that has passed', () => {
    expect(storyText(committed().entries)).not.toContain('to keep it');
    const passed = committed().record({ kind: 'anchor', settings, reason: 'seen again' }).entries;
    expect(storyText(passed)).toMatch(/where every revert returns[^]*to keep it {2}\+ size: 64,/);
    expect(storyText(passed).match(/to keep it/g)).toHaveLength(1);
  });

  it('is not told where that reverts it', () => {
    const { entries } = committed()
      .record({
        kind: 'decision',
        trial: 2,
        decision: 'revert',
        trigger: 'worse',
        settings: sampleStart,
        callsAffected: 9,
        afterMs: 9,
        reason: 'hold-back not passed',
      })
      .record({ kind: 'anchor', settings: sampleStart, reason: 'as before' });
    expect(storyText(entries)).not.toContain('to keep it');
  });
});

it('the story says how long a setting is left out, and no number of failures that nobody saw', () => {
  const { entries } = new SampleSession().baseline().record({
    kind: 'back-off',
    settings: { ...sampleStart, batchSize: 64 },
    failures: 3,
    atMs: 0,
    untilMs: 480_000,
  });
  expect(storyText(entries)).toMatch(/batchSize 64 is not predicted again for 480 s$/m);
});

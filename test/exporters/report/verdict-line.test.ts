import { expect, test } from 'vitest';
import { report } from '../../../exporters/index.ts';
import type { Decided, Entry, Trigger } from '../../../tuner/entries/entries.ts';
import { memoryLedger, SampleSession, sampleStart } from '../../support/sample-ledger.ts';
import { adviceStory, interruptedStory, noChangeStory } from '../../support/sample-stories.ts';

const verdictOf = (entries: readonly Entry[]) => report(memoryLedger(entries)).data.verdict;
const toBatches = { to: { batchSize: 64 }, gain: 4.12, pairs: 9 } as const;

test('a proven change is named with its effect, its interval and its pairs', () => {
  const session = new SampleSession().baseline().trial(toBatches).stop();
  const { data } = report(memoryLedger(session.entries));
  const { effect } = data.gain ?? expect.fail('no gain');
  expect(data.verdict.kind).toBe('change');
  expect(data.verdict.line).toMatch(
    /^Set batchSize to 64: \+\d\d\d…\+\d\d\d % goodput \(99 % interval; means 1\d\.\d k\/s → 7\d\.\d k\/s, \+4\d\d %\), proven in 9 pairs\.$/,
  );
  expect(data.verdict.claim).toMatch(new RegExp(`^\\+${Math.round(effect.low * 100)}…`));
});

test('several commits in a row are one change, at the level the union bound leaves', () => {
  const session = new SampleSession().baseline().trial(toBatches);
  const { data } = report(memoryLedger(session.trial({ to: { threads: 2 }, gain: 0.3, pairs: 16 }).stop().entries));
  const commits = data.trials.filter((one) => one.decision === 'commit');
  const product = commits.reduce((all, one) => all * (1 + (one.effect?.estimate ?? Number.NaN)), 1) - 1;
  expect(data.gain?.effect.estimate).toBeCloseTo(product, 10);
  expect(data.gain?.effect.level).toBeCloseTo(0.98, 10);
  expect(data.verdict.line).toContain('Set threads to 2 and batchSize to 64');
  expect(data.verdict.line).toContain('product of 2 trials, not measured side by side), proven in 9 + 16 pairs');
});

test('a metric to be made smaller is said to fall', () => {
  const tune = { minimize: 'mean', maximize: undefined, sloMs: undefined } as never;
  const session = new SampleSession({ tune })
    .baseline()
    .trial({ to: { batchSize: 8 }, gain: 1, pairs: 9 })
    .stop();
  const { data, html } = report(memoryLedger(session.entries));
  expect(data.gain?.effect.estimate).toBeGreaterThan(0.9);
  expect(data.verdict.line).toMatch(/−(49|50|51)\.\d % mean latency/);
  expect(html).toContain('left is better');
});

test('equal and cheaper is worded as the same for less', () => {
  const session = new SampleSession()
    .baseline()
    .trial({ to: { threads: 2 }, gain: 0, pairs: 16, verdict: 'equivalent', trigger: 'equivalent-and-cheaper' })
    .stop();
  expect(verdictOf(session.entries).line).toMatch(
    /^Set threads to 2: the same goodput for less: .* not worse than −2\.0 % is proven in 16 pairs/,
  );
});

test('no change worth making is a result, with the noise and the closest candidate', () => {
  const verdict = verdictOf(noChangeStory());
  expect(verdict.kind).toBe('no-change');
  expect(verdict.line).toMatch(
    /^No change worth making: of 2 changes tried .* \(at the noise here a full trial of 60 pairs tells gains from 2\.1 % up\); closest: threads 3 → 4, −/,
  );
});

test('nothing predicted is also no change worth making', () => {
  const session = new SampleSession()
    .baseline()
    .record({ kind: 'not-tried', code: 'nothing-predicted', settings: null, reason: 'no model predicts a gain' })
    .stop();
  expect(verdictOf(session.entries).line).toMatch(
    /^No change worth making: .* no change is predicted to gain 5 % or more \(at the noise of adjacent windows at rest a full trial .*\)\.$/,
  );
  expect(verdictOf(session.entries).why).toBe('no model predicts a gain');
});

test('a session cut off inside a trial is not judged and says where it ended', () => {
  const verdict = verdictOf(interruptedStory());
  expect(verdict.kind).toBe('not-judged');
  expect(verdict.line).toContain('inside trial 2 (batchSize 1 → 64) after 3 pairs');
  expect(verdict.line).toContain('no recorded end');
});

test('a trial that is proven better and goes on names the guardrail it waits for, in words, Markdown and HTML', () => {
  const open = { text: 'p99 within 10%', detail: '2 blocks of enough calls, at least 4 are needed' };
  const { data, markdown, html } = report(
    memoryLedger(new SampleSession().baseline().trial({ ...toBatches, cutOff: true, waitsFor: [open] }).entries),
  );
  expect(data.trials.at(-1)).toMatchObject({ verdict: null, waitsFor: [open] });
  const words = 'better is proven, but not yet that p99 within 10%';
  expect(data.verdict.line).toContain(words);
  expect(markdown.match(new RegExp(words, 'g'))).toHaveLength(2);
  expect(html).toContain(words);
  expect(html).toContain(open.detail);
});

test('a suggestion nobody tried is called not proven', () => {
  const { data } = report(memoryLedger(adviceStory()));
  expect(data.verdict.kind).toBe('suggestion');
  expect(data.verdict.line).toMatch(/^Try batchSize 64; not proven: /);
  expect(data.gain).toBeNull();
  expect(data.settings.chosen).toEqual({ ...sampleStart, batchSize: 64 });
});

test('a suggestion that every rest makes again is counted once', () => {
  const session = new SampleSession().baseline().trial(toBatches);
  const settings = { ...sampleStart, batchSize: 64, threads: 2 };
  for (const reason of ['first', 'second', 'third'])
    session.record({ kind: 'recommendation', priority: 'low', settings, reason, evidence: 'what was seen' });
  const { data } = report(memoryLedger(session.stop().entries));
  expect(data.verdict.line).toMatch(/; 1 suggestion not tried yet\.$/);
  expect(data.recommendations.map((one) => one.reason)).toEqual(['third']);
});

test('a proven candidate nobody has answered about waits for a yes', () => {
  const verdict = verdictOf(
    new SampleSession({ tune: { mode: 'confirm' } }).baseline().trial({ ...toBatches, asked: true }).entries,
  );
  expect(verdict.kind).toBe('ask');
  expect(verdict.line).toMatch(/proven in 9 pairs; waits for your yes\.$/);
});

test('a declined candidate was proven all the same', () => {
  const verdict = verdictOf(
    new SampleSession()
      .baseline()
      .trial({ ...toBatches, decision: 'revert', trigger: 'declined' })
      .stop().entries,
  );
  expect(verdict.line).toMatch(
    /^No change made: batchSize 1 → 64 was proven in 9 pairs, \+\d\d\d…\+\d\d\d % .* and declined\.$/,
  );
});

test('an empty ledger and a session without windows are not judged', () => {
  expect(verdictOf([]).line).toBe('Not judged: the ledger holds no session; start a tuner, then ask again.');
  expect(verdictOf(new SampleSession().stop().entries).line).toContain('no window was measured');
});

test('a trial that met no evidence leaves the question open', () => {
  const verdict = verdictOf(
    new SampleSession()
      .baseline()
      .trial({ ...toBatches, pairs: 0, verdict: 'inconclusive', decision: 'revert', trigger: 'no data' })
      .stop().entries,
  );
  expect(verdict.kind).toBe('not-judged');
  expect(verdict.line).toContain('too few calls to judge it');
});

test('a commit that its hold-back refuted is no longer recommended', () => {
  const session = new SampleSession().baseline().trial({ ...toBatches, pending: true });
  const refuted = holdBack(session, 'worse');
  expect(refuted.data.verdict.line).toBe(
    'No change worth making: batchSize 1 → 64 was proven in 9 pairs and refuted in its hold-back: proven worse than the loss you accept.',
  );
  expect(refuted.data.settings.chosen).toEqual(sampleStart);
});

test('a commit whose hold-back was cut short is a suggestion: proven once, not in force', () => {
  const session = new SampleSession().baseline().trial({ ...toBatches, pending: true });
  const { data, html } = holdBack(session, 'stopped');
  expect(data.verdict.kind).toBe('suggestion');
  expect(data.verdict.line).toMatch(
    /^Try batchSize 64: \+\d\d\d…\+\d\d\d % goodput .*, proven once in 9 pairs; hold-back cut short, and not in force: the tuner was stopped\.$/,
  );
  expect(data.settings.chosen).toEqual({ ...sampleStart, batchSize: 64 });
  expect(html).toContain('A suggestion, proven once');
  expect(html).not.toContain('Not proven yet');
  expect(html).not.toMatch(/not pass/);
  expect(html).toContain('kept, then taken back');
  expect(data.trials.map((one) => one.takenBack)).toEqual([true, false]);
});

test.each([
  ['no data', 'cut short', 'too few calls to judge it'],
  ['apply failed', 'cut short', 'a knob refused to be set'],
  ['max duration', 'not passed', 'no proof in the time allowed'],
] as const)(
  'a commit whose hold-back ended on %s is not called no better: it was proven once, %s',
  (trigger, how, says) => {
    const session = new SampleSession().baseline().trial({ ...toBatches, pending: true });
    const { data } = holdBack(session, trigger);
    expect(data.verdict.kind).toBe('suggestion');
    expect(data.verdict.line).toContain(`proven once in 9 pairs; hold-back ${how}, and not in force: ${says}.`);
  },
);

test('a commit that did not pass its hold-back, tried again and found worse is not recommended', () => {
  const session = new SampleSession().baseline().trial({ ...toBatches, pending: true });
  const [commit] = session.entries.flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'trial' ? [one.record] : [],
  );
  session.record({ ...(commit ?? expect.fail('no trial')), trial: 2 });
  session.record(revertOf(2, 'worse'));
  expect(verdictOf(session.stop().entries).kind).not.toBe('suggestion');
});

test('a commit that did not pass its hold-back is refuted by the trial that refuted it, not by its hold-back', () => {
  const session = new SampleSession().baseline().trial({ ...toBatches, pending: true });
  const again = session.entries.flatMap((one) =>
    one.kind === 'record' && one.record.kind === 'trial' ? [{ ...one.record, trial: 3 }] : [],
  );
  session
    .record({ ...(again[0] ?? expect.fail('no trial')), trial: 2, purpose: 'hold-back' })
    .record(revertOf(2, 'no data'))
    .record(...(again as [(typeof again)[number]]))
    .record(revertOf(3, 'worse'));
  expect(verdictOf(session.stop().entries).line).not.toContain('refuted while confirming');
});

test('a trial that ended without a verdict long ago is not what the last one came to', () => {
  const early = { to: { threads: 2 }, gain: 0, pairs: 0, cutOff: true } as const;
  const session = () => new SampleSession().baseline().trial(early).record(revertOf(1, 'apply failed'));
  expect(verdictOf(session().trial(toBatches).stop().entries).rest).toBe(
    '1 other change tried, and it was not proven to be worth it',
  );
  const late = new SampleSession().baseline().trial(toBatches).trial(early).record(revertOf(2, 'apply failed'));
  expect(verdictOf(late.stop().entries).rest).toBe('the last trial came to no verdict: a knob refused to be set');
});

test('a noise measurement that was cut off is not where a session ended that went on', () => {
  const session = new SampleSession()
    .baseline()
    .trial({ purpose: 'a/a', gain: 0, pairs: 2, cutOff: true })
    .record({ kind: 'phase', phase: 'resting', reason: 'an action failed' })
    .trial({ ...toBatches, pairs: 0, verdict: 'inconclusive', decision: 'revert', trigger: 'no data' });
  expect(verdictOf(session.stop().entries).line).toContain('too few calls to judge it');
});

test('a proven candidate that nobody answered about in time is still a result, and says so', () => {
  const session = new SampleSession({ tune: { mode: 'confirm' } }).baseline().trial({ ...toBatches, asked: true });
  const verdict = verdictOf(session.record(revertOf(1, 'unanswered')).stop().entries);
  expect(verdict.kind).toBe('ask');
  expect(verdict.line).toMatch(/^Set batchSize to 64: \+\d\d\d…\+\d\d\d % .* not in force: nobody answered in time\.$/);
});

test('a commit that still waits for its hold-back is not called a change yet', () => {
  const { data } = report(memoryLedger(new SampleSession().baseline().trial({ ...toBatches, pending: true }).entries));
  expect(data.verdict.kind).toBe('suggestion');
  expect(data.verdict.rest).toBe('hold-back not passed yet, and a next start is on the setting before');
});

test('of two commits the one that passed its hold-back is recommended, and the other named as not in force', () => {
  const session = new SampleSession()
    .baseline()
    .trial(toBatches)
    .trial({ to: { threads: 2 }, gain: 0.3, pairs: 16, pending: true });
  const { data } = report(memoryLedger(session.stop().entries));
  expect(data.verdict.kind).toBe('change');
  expect(data.settings.chosen).toEqual({ ...sampleStart, batchSize: 64 });
  expect(data.gain?.trials).toEqual([1]);
  expect(data.verdict.rest).toBe('threads 3 → 2 was proven once and is not in force: hold-back cut short');
});

function revertOf(trial: number, trigger: Trigger): Decided {
  const decision = { kind: 'decision', decision: 'revert', settings: sampleStart, reason: 'x' } as const;
  return { ...decision, trial, trigger, callsAffected: 10, afterMs: 5 };
}

function holdBack(session: SampleSession, trigger: Trigger) {
  const first =
    session.entries.flatMap((one) => (one.kind === 'record' && one.record.kind === 'trial' ? [one.record] : []))[0] ??
    expect.fail('no trial');
  session
    .record({ ...first, trial: 2, purpose: 'hold-back' })
    .record(revertOf(2, trigger))
    .stop();
  return report(memoryLedger(session.entries));
}

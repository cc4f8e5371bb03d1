import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../tuner/entries/entries.ts';
import { endingOf, historyOf, isRunning, openTrial, type SessionHistory } from '../../../tuner/history.ts';
import { SampleSession, sampleStart } from '../../support/sample-ledger.ts';

const plan = { to: { batchSize: 64 }, gain: 4, pairs: 8 } as const;

function sessionOf({ entries }: { readonly entries: readonly Entry[] }): SessionHistory {
  const [session] = historyOf(entries).sessions;
  if (!session) throw new Error('expected a session');
  return session;
}

const endings = (session: SessionHistory) => session.trials.map(endingOf);

describe('a trial in the history', () => {
  it('a trial in the history runs until its verdict, and is open until a decision', () => {
    const begun = new SampleSession().baseline(2).trial({ ...plan, cutOff: true });
    const running = sessionOf(begun);
    expect(endings(running)).toEqual(['running']);
    expect(openTrial(running)?.pairs).toHaveLength(8);
    expect(isRunning(running.trials[0]!)).toBe(true);
    const asked = sessionOf(new SampleSession().baseline(2).trial({ ...plan, asked: true }));
    expect(endings(asked)).toEqual(['judged']);
    expect(asked.phase).toBe('asking');
    expect(isRunning(asked.trials[0]!)).toBe(false);
    expect(openTrial(asked)?.trial).toBe(1);
  });

  it('a trial in the history is closed by its decision, whatever that is', () => {
    for (const [decision, ending] of [
      ['commit', 'kept'],
      ['revert', 'reverted'],
      ['hold', 'unchanged'],
    ] as const) {
      const session = sessionOf(new SampleSession().baseline(2).trial({ ...plan, decision, pending: true }));
      expect(endings(session)).toEqual([ending]);
      expect(openTrial(session)).toBeNull();
    }
  });

  it('an a/a trial is closed by its verdict, whether a noise floor follows or not', () => {
    const entries = new SampleSession().baseline(2).trial({ purpose: 'a/a', gain: 0, pairs: 4 }).entries;
    const untilVerdict = entries.slice(0, -1);
    expect(sessionOf({ entries: untilVerdict })).toMatchObject({ noise: null, phase: 'observing' });
    for (const part of [untilVerdict, entries]) expect(endings(sessionOf({ entries: part }))).toEqual(['measured']);
  });

  it('a trial was cut off when the session ended, or began another, without a verdict', () => {
    const cut = new SampleSession().baseline(2).trial({ ...plan, cutOff: true });
    expect(endings(sessionOf(cut.stop()))).toEqual(['cut off']);
    const another = new SampleSession()
      .baseline(2)
      .trial({ ...plan, cutOff: true })
      .trial({ ...plan, cutOff: true });
    expect(endings(sessionOf(another))).toEqual(['cut off', 'running']);
  });

  it('a commit stays kept while its hold-back runs, and passes with it', () => {
    const committed = new SampleSession().baseline(2).trial({ ...plan, pending: true });
    const [settings, trial] = [{ ...sampleStart, batchSize: 64 }, 2];
    const template = sessionOf(committed).trials[0]!;
    committed.record({
      kind: 'trial',
      trial,
      atMs: 1,
      purpose: 'hold-back',
      baseline: sampleStart,
      candidate: settings,
      design: template.design,
      unjudged: [],
    });
    expect(endings(sessionOf(committed))).toEqual(['kept', 'running']);
    expect(sessionOf(committed).trials[0]?.passed).toBe(false);
    committed
      .record({ kind: 'verdict', trial, result: template.result! })
      .record({ kind: 'anchor', settings, reason: 'seen again' });
    expect(endings(sessionOf(committed))).toEqual(['kept', 'passed']);
    expect(sessionOf(committed).trials[0]?.passed).toBe(true);
    expect(sessionOf(committed).anchor).toEqual(settings);
    expect(openTrial(sessionOf(committed))).toBeNull();
  });

  it('a trial has the prediction that was sealed before it, and none where nothing was sealed', () => {
    const predicted = { estimate: 3, low: 2, high: 4, level: 0.9 };
    const session = sessionOf(
      new SampleSession()
        .baseline(2)
        .trial({ purpose: 'a/a', gain: 0, pairs: 4 })
        .trial({ ...plan, predicted }),
    );
    expect(session.trials.map((one) => one.sealed?.predicted?.gain ?? null)).toEqual([null, predicted]);
    expect(session.trials[1]?.score?.predicted).toEqual(predicted);
  });
});

describe('a session in the history', () => {
  it('the phase of a session is the one its last record begins', () => {
    const session = new SampleSession();
    const phases = [sessionOf(session).phase];
    const after = (next: SampleSession) => phases.push(sessionOf(next).phase);
    after(session.baseline(1));
    after(session.trial({ purpose: 'a/a', gain: 0, pairs: 2 }));
    after(session.probe({ batchSize: 8 }, 20_000, 'the cost of a batch'));
    after(session.trial({ ...plan, cutOff: true }));
    after(session.record({ kind: 'phase', phase: 'resting', reason: 'nothing worth trying now' }));
    after(session.record({ kind: 'phase', phase: 'observing', reason: 'rested long enough' }));
    after(session.stop());
    expect(phases).toEqual(['observing', 'choosing', 'choosing', 'probing', 'trying', 'resting', 'observing', 'ended']);
  });

  it('a session in the history has a setting in force and an anchor apart from it', () => {
    const session = sessionOf(new SampleSession().baseline(1).trial({ ...plan, pending: true }));
    expect(session.inForce).toEqual({ ...sampleStart, batchSize: 64 });
    expect(session.anchor).toEqual(sampleStart);
  });

  it('a session has no end while none is recorded, then the recorded one', () => {
    const stop = { kind: 'stop', atMs: 5_000 } as const;
    expect(sessionOf(new SampleSession()).ended).toBe('open');
    expect(sessionOf(new SampleSession().event(stop))).toMatchObject({ ended: 'stopped', lastMs: 4_000 });
    expect(sessionOf(new SampleSession().event({ kind: 'off', atMs: 5_000, reason: '' })).ended).toBe('off');
  });

  it('a session counts the windows that were dropped to keep the ledger small, and loses nothing else', () => {
    const whole = new SampleSession().baseline(3).trial(plan);
    const before = sessionOf(whole);
    whole.remark({ kind: 'pruned', windows: 7 }).remark({ kind: 'pruned', windows: 5 });
    const entries = whole.entries.filter((entry) => entry.kind !== 'event' || entry.event.kind !== 'measured');
    expect(sessionOf({ entries })).toEqual({ ...before, prunedWindows: 12 });
  });

  it('a session is no larger after a thousand rests than after two', () => {
    const rests = (count: number) => {
      const session = new SampleSession();
      for (let i = 0; i < count; i++) {
        session.baseline(1);
        for (const batchSize of [8, 16]) {
          const settings = { ...sampleStart, batchSize };
          session
            .record({ kind: 'not-tried', code: 'small-gain', settings, reason: `${i % 2}` })
            .record({ kind: 'recommendation', priority: 'low', settings, reason: 'why', evidence: 'what' })
            .record({ kind: 'back-off', settings, failures: 1, atMs: 0, untilMs: 1 })
            .remark({ kind: 'patch', settings, patches: [] });
        }
        session.event({ kind: 'failed', atMs: 1, what: 'warm', message: 'refused', settings: sampleStart });
        session.record({ kind: 'phase', phase: 'resting', reason: 'nothing worth trying now' });
      }
      return sessionOf(session);
    };
    const few = rests(2);
    expect(JSON.stringify(rests(1000)).length).toBeLessThan(1.1 * JSON.stringify(few).length);
    expect(few.recommendations.map((one) => one.settings['batchSize'])).toEqual([8, 16]);
  });

  it('of equal reasons for trying nothing a session keeps the newest', () => {
    const session = new SampleSession();
    const unquiet = (reason: string) =>
      session.record({ kind: 'not-tried', code: 'not-stable', settings: null, reason });
    unquiet('first');
    unquiet('second');
    session.record({ kind: 'not-tried', code: 'high-risk', settings: sampleStart, reason: 'between' });
    unquiet('third');
    expect(sessionOf(session).notTried.map((one) => one.reason)).toEqual(['between', 'third']);
  });
});

describe('a session that follows', () => {
  const followed = (outcome: 'taken' | 'left' | 'refused') =>
    ({
      kind: 'follow',
      settings: { ...sampleStart, batchSize: 64 },
      outcome,
      unjudged: [],
      reason: 'said so',
    }) as const;

  it('a session that follows has the anchor it took, and its own again once it left it', () => {
    const session = new SampleSession();
    session.record(followed('refused'));
    expect(sessionOf(session)).toMatchObject({ anchor: sampleStart, followed: { outcome: 'refused' } });
    session.record(followed('taken'));
    const taken = { ...sampleStart, batchSize: 64 };
    expect(sessionOf(session)).toMatchObject({ anchor: taken, inForce: taken, phase: 'following' });
    session.record(followed('left'));
    expect(sessionOf(session)).toMatchObject({ anchor: sampleStart, inForce: sampleStart, phase: 'observing' });
  });
});

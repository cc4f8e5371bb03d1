import { describe, expect, it } from 'vitest';
import type { Entry, SessionEntry, TunerRecord } from '../../../tuner/entries/entries.ts';
import type { CarryOver } from '../../../tuner/history.ts';
import { openLedger, type TunerLedger } from '../../../tuner/ledger.ts';
import { initialState } from '../../../tuner/loop/state.ts';
import { recall as recallBy } from '../../../tuner/shell/recall.ts';
import { SampleSession, sampleStart } from '../../support/sample-ledger.ts';

const dayMs = 86_400_000;
const nowMs = 10 * dayMs;
const predicted = { estimate: 3, low: 2, high: 4, level: 0.9 };
const [begin] = new SampleSession().entries as [SessionEntry];
const outline = new SampleSession()
  .baseline(1)
  .trial({ to: { batchSize: 64 }, gain: 3, pairs: 3, predicted })
  .entries.filter((entry) => entry.kind === 'record');

const recall = (left: CarryOver, startedAtMs: number, part: Partial<SessionEntry> = {}) =>
  recallBy(left, { ...begin, startedAtMs, ...part });

/** A ledger that holds these sessions, each written after the one before it. */
function ledgerOf(...sessions: readonly (readonly TunerRecord[])[]): TunerLedger {
  const ledger = openLedger({ stateDir: ':memory:', executor: begin.executor });
  for (const [session, records] of sessions.entries()) {
    ledger.append([{ ...begin, session }]);
    ledger.append(records.map((record) => ({ kind: 'record', session, record })));
  }
  return ledger;
}

/** One trial of a candidate, begun at `atMs`, and what came of it. */
function trial(
  atMs: number,
  change: (record: TunerRecord) => TunerRecord = (record) => record,
): readonly TunerRecord[] {
  return outline.map(({ record }: Extract<Entry, { kind: 'record' }>) =>
    change(record.kind === 'trial' ? { ...record, atMs } : record),
  );
}

/** A trial that came to no verdict. */
function cutOff(atMs: number): readonly TunerRecord[] {
  return trial(atMs).filter((record) => ['sealed', 'trial', 'intent', 'pair'].includes(record.kind));
}

const decision = outline.flatMap(({ record }) => (record.kind === 'decision' ? [record] : []))[0] as TunerRecord & {
  readonly kind: 'decision';
};

function backOff(batchSize: number, failures: number, untilMs: number, atMs = nowMs - dayMs): TunerRecord {
  return { kind: 'back-off', settings: { ...sampleStart, batchSize }, failures, atMs, untilMs };
}

describe('what a session takes over from those before it', () => {
  it('a session takes over the level of every trial of the last day, oldest first, whichever session began it', () => {
    using ledger = ledgerOf(trial(nowMs - 2), trial(nowMs - dayMs), trial(nowMs - 3));
    expect(recall(ledger.carriedOver(), nowMs).spent).toEqual([
      { atMs: nowMs - 3, alpha: 0.01 },
      { atMs: nowMs - 2, alpha: 0.01 },
    ]);
  });

  it('a session takes over no level of a trial that had no call to judge, but that of one that was cut off after a pair', () => {
    const sawNothing = trial(nowMs - 1, (record) => {
      if (record.kind === 'verdict') return { ...record, result: { ...record.result, trigger: 'no data', pairs: 0 } };
      return record.kind === 'decision' ? { ...record, decision: 'revert', trigger: 'no data' } : record;
    });
    using ledger = ledgerOf(
      sawNothing.filter(({ kind }) => kind !== 'pair'),
      cutOff(nowMs - 2),
    );
    expect(recall(ledger.carriedOver(), nowMs).spent.map((one) => one.atMs)).toEqual([nowMs - 2]);
  });

  it('a session takes over no level of a trial that ended before its first pair, whatever ended it, as it would itself', () => {
    const early = cutOff(nowMs - 1).filter((record) => record.kind !== 'pair');
    const stopped: TunerRecord = { ...decision, decision: 'revert', trigger: 'stopped' };
    const broken: TunerRecord = { ...decision, decision: 'revert', trigger: 'breaker: worker lost' };
    const at = (atMs: number) => early.map((record) => (record.kind === 'trial' ? { ...record, atMs } : record));
    using ledger = ledgerOf(early, [...at(nowMs - 2), stopped], [...at(nowMs - 3), broken]);
    expect(recall(ledger.carriedOver(), nowMs).spent).toEqual([]);
  });

  it('a session takes over a level spent at a time that is yet to come as if spent now, since the clock that wrote it was set back', () => {
    using ledger = ledgerOf(trial(nowMs + 400 * dayMs), trial(nowMs + 5));
    expect(recall(ledger.carriedOver(), nowMs).spent.map((one) => one.atMs)).toEqual([nowMs, nowMs]);
  });

  it('a session forgets a level spent at a time that is yet to come once a day has passed since the next session began', () => {
    using ledger = openLedger({ stateDir: ':memory:', executor: begin.executor });
    ledger.append([{ ...begin, session: 1, startedAtMs: nowMs + 9 * dayMs }]);
    ledger.append(trial(nowMs + 9 * dayMs).map((record) => ({ kind: 'record', session: 1, record })));
    ledger.append([{ ...begin, session: 2, startedAtMs: nowMs }]);
    expect(recall(ledger.carriedOver(), nowMs + dayMs / 2).spent.map((one) => one.atMs)).toEqual([nowMs]);
    expect(recall(ledger.carriedOver(), nowMs + dayMs).spent).toEqual([]);
  });

  it('a session rules a setting out no longer than its back-off was to last, though the clock that wrote it ran ahead', () => {
    const aheadMs = nowMs + 10 * 3_600_000;
    using ledger = ledgerOf([backOff(8, 1, aheadMs + 60_000, aheadMs)]);
    expect(recall(ledger.carriedOver(), nowMs).ruledOut).toEqual([
      { settings: { ...sampleStart, batchSize: 8 }, failures: 1, atMs: nowMs, untilMs: nowMs + 60_000 },
    ]);
  });

  it('a session remembers for a day that nothing came out under a setting, which it does not rule out for that', () => {
    using ledger = ledgerOf([{ ...backOff(8, 0, nowMs, nowMs), stalled: true } as TunerRecord]);
    const kept = (atMs: number) => recall(ledger.carriedOver(), atMs).ruledOut;
    expect(kept(nowMs + 5)).toMatchObject([{ failures: 0, untilMs: nowMs, stalled: true }]);
    expect(kept(nowMs + dayMs)).toEqual([]);
  });

  it('a session takes over which setting did harm, and from where', () => {
    const harmedFrom = { ...sampleStart, batchSize: 2 };
    const harmed = { ...backOff(8, 3, nowMs + 60_000, nowMs), harmedFrom } as TunerRecord;
    using ledger = ledgerOf([harmed], [backOff(16, 3, nowMs + 60_000, nowMs)]);
    const { ruledOut } = recall(ledger.carriedOver(), nowMs);
    expect(ruledOut.map((one) => one.harmedFrom)).toEqual([harmedFrom, undefined]);
    const state = initialState({ ...begin, recalled: { ...begin.recalled, ruledOut } });
    expect(state.ruledOut.map((one) => one.harmedFrom)).toEqual([harmedFrom, undefined]);
  });

  it('a session takes over the rest where rows were damaged', () => {
    const damaged = (kind: TunerRecord['kind'], change: object) =>
      trial(nowMs - 2, (record) => (record.kind === kind ? ({ ...record, ...change } as TunerRecord) : record));
    const { design } = outline.flatMap(({ record }) => (record.kind === 'trial' ? [record] : []))[0] ?? {};
    using ledger = ledgerOf(
      damaged('score', { measured: undefined }),
      damaged('decision', { trigger: 'bettfr' }),
      damaged('trial', { design: { ...design, commitAlpha: 'x' } }),
      [{ ...backOff(8, 1, nowMs), settings: undefined } as unknown as TunerRecord],
      trial(nowMs - 1),
    );
    const { spent, ruledOut } = recall(ledger.carriedOver(), nowMs);
    expect(spent).toContainEqual({ atMs: nowMs - 1, alpha: 0.01 });
    expect(spent.every(({ alpha }) => Number.isFinite(alpha))).toBe(true);
    expect(ruledOut).toEqual([]);
  });

  it('a session takes over the scores of predictions in the order they came', () => {
    const scored = (model: string, atMs: number) =>
      trial(atMs, (record) => (record.kind === 'score' ? { ...record, model } : record));
    using ledger = ledgerOf(scored('earlier', 1), scored('later', 2));
    expect(recall(ledger.carriedOver(), nowMs).scores.map((one) => one.model)).toEqual(['earlier', 'later']);
  });

  it('a session takes over the harm that probes owe, less the share that the time since has paid, and visits in its own goal of the last day', () => {
    const found = { settings: { ...sampleStart, batchSize: 8 }, from: sampleStart, gain: 0.1, sd: 0.02, windows: 3 };
    const visit: TunerRecord = { kind: 'visit', visit: found, under: null, owedMs: 5000, atMs: nowMs - 400_000 };
    using ledger = ledgerOf([visit]);
    expect(recall(ledger.carriedOver(), nowMs).search).toEqual({ visits: [found], under: null, owedMs: 4000 });
    // A clock that was set forward pays what a day pays, and no visit is older than a day.
    expect(recall(ledger.carriedOver(), nowMs + dayMs).search).toBeUndefined();
    const goal = { ...begin.goal, objective: { metric: 'mean', direction: 'minimize' } } as const;
    expect(recall(ledger.carriedOver(), nowMs, { goal }).search).toEqual({ visits: [], under: null, owedMs: 4000 });
    using damaged = ledgerOf([
      { ...visit, owedMs: Number.NaN },
      { ...visit, visit: { ...found, gain: '0.1' } } as unknown as TunerRecord,
    ]);
    expect(recall(damaged.carriedOver(), nowMs).search).toBeUndefined();
  });

  it('what a session found is forgotten where it says so, and what was undone alone counts at its settings', () => {
    const at = (batchSize: number, gain: number) => ({
      settings: { ...sampleStart, batchSize },
      from: sampleStart,
      gain,
      sd: 0.02,
      windows: 3,
    });
    const told = (visit: ReturnType<typeof at>, undoes?: true): TunerRecord => ({
      kind: 'visit',
      visit,
      ...(undoes && { undoes }),
      under: null,
      owedMs: 0,
      atMs: nowMs,
    });
    using ledger = ledgerOf([told(at(8, 0.1)), told(at(16, 0.2)), told(at(8, -0.05), true)]);
    expect(recall(ledger.carriedOver(), nowMs).search?.visits).toEqual([at(16, 0.2), at(8, -0.05)]);
    ledger.append([{ kind: 'record', session: 0, record: { kind: 'visits-void', atMs: nowMs, reason: 'shifted' } }]);
    expect(recall(ledger.carriedOver(), nowMs).search).toBeUndefined();
  });

  it('a score is as old for the next session as it was for the one before, which a shift had made older', () => {
    const scored = trial(nowMs - 5).map((one) => (one.kind === 'score' ? { ...one, atMs: nowMs - 5 } : one));
    const shift = { kind: 'shift', of: 'level', from: 2, to: 1, windows: 3, atMs: nowMs - 1, reason: '' } as const;
    using ledger = ledgerOf(scored);
    using shifted = ledgerOf(scored, [shift]);
    expect(recall(ledger.carriedOver(), nowMs).scores.map((one) => one.atMs)).toEqual([nowMs - 5]);
    expect(recall(shifted.carriedOver(), nowMs).scores.map((one) => one.atMs)).toEqual([nowMs - 5 - dayMs / 2]);
  });

  it('a session rules a setting out for as long as its longest back-off, and forgets one that ended a day ago', () => {
    using ledger = ledgerOf(
      [backOff(8, 1, nowMs + 5), backOff(8, 2, nowMs + 50)],
      [backOff(8, 1, nowMs + 7), backOff(16, 1, nowMs - dayMs)],
    );
    expect(recall(ledger.carriedOver(), nowMs).ruledOut).toEqual([
      { settings: { ...sampleStart, batchSize: 8 }, failures: 2, atMs: nowMs - dayMs, untilMs: nowMs + 50 },
    ]);
  });
});

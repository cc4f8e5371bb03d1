import { describe, expect, it } from 'vitest';
import { playSessions } from '../../../bench/walk/session.ts';
import type { RecordOf, TunerEvent, TunerRecord } from '../../../tuner/entries/entries.ts';
import type { State } from '../../../tuner/loop/state.ts';
import { transition } from '../../../tuner/loop/transition.ts';

const moments = (await playSessions()).flat();
const kinds = [...new Set(moments.map(({ state }) => state.phase.kind))];

/** The last state in this phase of a session in mode auto, or in `mode`. */
function stateIn(phase: State['phase']['kind'], mode = 'auto'): State {
  const found = moments.findLast(
    ({ state }) => state.phase.kind === phase && (state.session.options.mode === mode || phase === 'asking'),
  );
  return found?.state ?? expect.fail(`no moment in ${phase}`);
}

const full = { kind: 'ledger', atMs: 1, writable: false, reason: 'disk full' } as const;
const written = { kind: 'ledger', atMs: 2, writable: true, reason: 'written again' } as const;
const ofKind = <K extends TunerRecord['kind']>(records: readonly TunerRecord[], kind: K) =>
  records.filter((one): one is RecordOf<K> => one.kind === kind);

describe('a session whose ledger cannot be written', () => {
  it.each([
    'observing',
    'choosing',
    'waiting',
    'noise',
    'probing',
    'trying',
    'asking',
    'hold-back',
    'resting',
  ] as const)(
    'a session whose ledger cannot be written settles on its anchor and measures there, when it was %s',
    (phase) => {
      expect(kinds).toContain(phase);
      const before = stateIn(phase);
      const { state, action } = transition(before, full);
      expect(state.phase).toEqual({ kind: 'suspended', reason: 'disk full' });
      expect(action).toEqual({ kind: 'settle', settings: before.anchor });
      const settled = transition(state, { kind: 'done', atMs: 2 });
      expect(settled.action).toMatchObject({ kind: 'measure', settings: before.anchor });
    },
  );

  it.each(['trying', 'asking', 'hold-back'] as const)(
    'a session whose ledger cannot be written reverts the candidate without blaming it, when it was %s',
    (phase) => {
      const before = stateIn(phase);
      const { state, records } = transition(before, full);
      expect(ofKind(records, 'decision')).toMatchObject([{ decision: 'revert', trigger: 'ledger' }]);
      expect(ofKind(records, 'back-off')).toEqual([]);
      expect(state.ruledOut).toEqual(before.ruledOut);
    },
  );

  it('a ledger that cannot be written spends no level on a trial that had no pair yet, and of one that had what its evidence does not give back', () => {
    const began = moments.find(({ state }) => state.phase.kind === 'trying' && state.phase.run.pairs.length === 0);
    const early = began?.state ?? expect.fail('no trial without a pair');
    expect(transition(early, full).state.spent).toHaveLength(early.spent.length - 1);
    const withPair = moments.find(({ state }) => state.phase.kind === 'trying' && state.phase.run.pairs.length > 0);
    const late = withPair?.state ?? expect.fail('no trial with a pair');
    const { state, records } = transition(late, full);
    const [{ givesBack = Number.NaN } = {}] = ofKind(records, 'decision');
    const [before, after] = [late, state].map(({ spent }) => spent.reduce((sum, { alpha }) => sum + alpha, 0));
    expect(givesBack).toBeGreaterThan(0);
    expect(after).toBeCloseTo((before ?? 0) - givesBack, 12);
  });

  it('a suspended session answers proposals that wait, and those that come, at once', () => {
    const proposal = (concurrency: number) => ({ settings: { concurrency }, reason: 'asked for' });
    const before = { ...stateIn('observing'), queue: [proposal(3)] };
    const suspended = transition(before, full);
    const came = transition(suspended.state, { kind: 'propose', atMs: 2, proposal: proposal(5) });
    expect([...suspended.records, ...came.records].filter((one) => one.kind === 'not-tried')).toMatchObject([
      { code: 'ledger', settings: { concurrency: 3 } },
      { code: 'ledger', settings: { concurrency: 5 } },
    ]);
    expect([suspended.state.queue, came.state.queue]).toEqual([[], []]);
    expect(came.action).toBeNull();
  });

  it('a suspended session takes a new reference once the ledger is written again', () => {
    const { state } = transition(stateIn('trying'), full);
    const again = transition(state, written);
    expect(again.state.phase).toEqual({ kind: 'observing', windows: [], taken: 0, short: [] });
  });

  it('a suspended session waits before it asks again of an executor that can measure no window, and goes on being suspended', () => {
    const { state } = transition(stateIn('resting'), full);
    const failed: TunerEvent = { kind: 'failed', atMs: 5, what: 'measure', message: 'closed', settings: state.anchor };
    const step = transition(state, failed);
    expect(step.state.phase.kind).toBe('suspended');
    expect(step.action).toEqual({ kind: 'await', forMs: 5000 });
  });

  it.each([
    ['says nothing new', transition(stateIn('resting'), full).state, full],
    ['was not suspended', stateIn('resting'), written],
    ['changes no setting anyway', stateIn('watching', 'observe'), full],
    ['is ending', stateIn('ending'), full],
  ] as const)('a session stays as it is when its ledger is in trouble and it %s', (_, before, event) => {
    expect(transition(before, event)).toEqual({ state: before, records: [], action: null });
  });
});

describe('the end of a session that nobody stopped', () => {
  it.each(['handed over', 'failed'] as const)(
    'the end of a session that nobody stopped is on the anchor, with a trigger of its own: %s',
    (why) => {
      const before = stateIn('trying');
      const { records, action } = transition(before, { kind: 'end', atMs: 1, why, reason: 'a reason' });
      expect(ofKind(records, 'decision')).toMatchObject([{ decision: 'revert', trigger: why }]);
      expect(ofKind(records, 'phase')).toEqual([{ kind: 'phase', phase: why, reason: 'a reason' }]);
      expect(action).toEqual({ kind: 'settle', settings: before.anchor });
    },
  );
});

import { expect, it } from 'vitest';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { troubledNow } from '../../../tuner/loop/since-change.ts';
import { initialState, type State } from '../../../tuner/loop/state.ts';
import type { Mode } from '../../../tuner/mode.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { windowOf } from '../trial/build-window.ts';

/** A rest of two minutes in which a twentieth of the calls failed in each eighth window, and in none before the change. */
function troubled(mode: Mode = 'auto', part: Partial<State['audits']> = {}): State {
  const [entry] = new SampleSession({ tune: { mode } }).entries;
  const state = initialState(entry as SessionEntry);
  const settings = state.current;
  const windows = Array.from({ length: 20 }, (_, i) => windowOf({ startMs: 1000 * i }));
  const seen = Array.from({ length: 24 }, (_, i) =>
    windowOf({ startMs: 30_000 + 5000 * i, forMs: 5000, settings, ...(i % 8 === 7 && { others: { trap: 50 } }) }),
  );
  const before = { windows, load: 'closed', guardrails: parseGoal({}).guardrails, untilMs: 900_000 } as const;
  return { ...state, seen, audits: { ...state.audits, before, ...part } };
}

it('a guardrail that does not hold at rest, and held before the change, is told with the windows in which it did not', () => {
  expect(troubledNow(troubled(), 150_000)).toMatchObject({ guardrail: { metric: 'errors' }, bad: 3, of: 24 });
});

it.each<readonly [string, State, number]>([
  ['a quarter of an hour later', troubled(), 900_000],
  ['while an audit is asked for', troubled('auto', { asked: 'a shift' }), 150_000],
  ['once the one look has been made', troubled('auto', { before: null }), 150_000],
  ['where somebody is asked before each change', troubled('confirm'), 150_000],
  ['of another setting', { ...troubled(), current: { threads: 99 } }, 150_000],
])('nothing is told %s', (_, state, nowMs) => {
  expect(troubledNow(state, nowMs)).toBeNull();
});

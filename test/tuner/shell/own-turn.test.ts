import { expect, test } from 'vitest';
import { turnsOfProcess } from '../../../src/store/turns.ts';
import type { Action, State } from '../../../tuner/loop/state.ts';
import { OwnTurn } from '../../../tuner/shell/own-turn.ts';

const done = { kind: 'done', atMs: 0 } as const;
const measure = (maxMs: number) => ({ kind: 'measure', discardMs: 0, maxMs }) as Action;
const warm = { kind: 'warm' } as Action;

function stateIn(kind: State['phase']['kind'], taken = 0): State {
  return { mayChange: true, phase: { kind, taken }, session: { options: { baselineWindows: 8 } } } as unknown as State;
}

function two() {
  let nowMs = 0;
  const clock = { now: () => nowMs, timeOrigin: 1e12 };
  const turns = turnsOfProcess(clock);
  const [a, b] = [new OwnTurn(turns, 'a', clock), new OwnTurn(turns, 'b', clock)];
  expect(a.onto(done, stateIn('choosing'))).toEqual(done);
  const waits = () => 'waitsFor' in b.onto(done, stateIn('choosing'));
  expect(waits()).toBe(true);
  return { a, waits, pass: (ms: number) => void (nowMs += ms) };
}

test('a place lasts as long as its longest window, also when that begins right after the place was taken', () => {
  const { a, waits, pass } = two();
  a.follow(stateIn('noise'), warm);
  pass(1000);
  a.follow(stateIn('noise'), measure(600_000));
  pass(590_000);
  expect(waits()).toBe(true);
  pass(200_000);
  expect(waits()).toBe(false);
});

test('a place is kept from a trial through its question to its hold-back, and given up after that', () => {
  const { a, waits } = two();
  for (const kind of ['trying', 'asking', 'hold-back'] as const) {
    a.follow(stateIn(kind), warm);
    expect(waits()).toBe(true);
  }
  a.follow(stateIn('observing'), warm);
  expect(waits()).toBe(false);
});

test('a place is kept for a new reference, and no longer for one that does not become quiet', () => {
  const { a, waits } = two();
  a.follow(stateIn('observing', 8), measure(1000));
  expect(waits()).toBe(true);
  a.follow(stateIn('observing', 9), measure(1000));
  expect(waits()).toBe(false);
});

test.each(['resting', 'suspended', 'ending'] as const)('a place is given up in the phase %s', (kind) => {
  const { a, waits } = two();
  a.follow(stateIn(kind), warm);
  expect(waits()).toBe(false);
});

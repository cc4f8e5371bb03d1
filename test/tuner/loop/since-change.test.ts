import { expect, it } from 'vitest';
import { concurrency, throughput, usualNoise } from '../../../bench/worlds/catalogue/entry.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { atRest, onShift } from '../../../tuner/loop/shifts.ts';
import { knownSince, type LevelBefore, levelAfter, troubledNow } from '../../../tuner/loop/since-change.ts';
import { initialState, type State } from '../../../tuner/loop/state.ts';
import { StepBuilder } from '../../../tuner/loop/step.ts';
import type { Mode } from '../../../tuner/mode.ts';
import type { Run } from '../../../tuner/trial/run.ts';
import { tune } from '../../../tuner/tune.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { windowOf } from '../trial/build-window.ts';

/** A rest of two minutes in which a twentieth of the calls failed in each eighth window, and in none before the change. */
function troubled(mode: Mode = 'auto', part: Partial<State['audits']> = {}): State {
  const [entry] = new SampleSession({ tune: { mode } }).entries;
  const state = initialState(entry as SessionEntry);
  const settings = { ...state.current, threads: 7 };
  const windows = Array.from({ length: 20 }, (_, i) => windowOf({ startMs: 1000 * i }));
  const seen = Array.from({ length: 24 }, (_, i) =>
    windowOf({ startMs: 30_000 + 5000 * i, forMs: 5000, settings, ...(i % 8 === 7 && { others: { trap: 50 } }) }),
  );
  const before = { windows, load: 'closed', guardrails: parseGoal({}).guardrails, untilMs: 900_000 } as const;
  return { ...state, current: settings, seen, audits: { ...state.audits, before, ...part } };
}

it('a guardrail that does not hold at rest, and held before the change, is told with the windows in which it did not', () => {
  expect(troubledNow(troubled(), 150_000)).toMatchObject({
    guardrail: { metric: 'errors' },
    bad: 3,
    of: 24,
    repeats: false,
  });
});

const theDefault = troubled().session.anchor;

/** Calls took a hundredth of the time before the change. */
function slowBefore(): LevelBefore {
  const { before } = troubled().audits;
  if (before === null) expect.fail('nothing is known of before');
  return { ...before, guardrails: before.guardrails.filter(({ metric }) => metric !== 'errors') };
}

it('failures are told as long as the setting stays, also under another load, and compared with the newest of the default', () => {
  const state = troubled();
  const late = levelAfter(state.audits.before, 200_000);
  expect(late?.untilMs).toBe(200_000);
  const told = (before: typeof late) => troubledNow({ ...state, audits: { ...state.audits, before } }, 9e6);
  expect(told(late)).toMatchObject({ guardrail: { metric: 'errors' }, bad: 3, of: 24, repeats: true });
  expect(told(levelAfter(late, 300_000, state.seen))).toBeNull();
  expect(levelAfter(null, 1)).toBeNull();
});

it.each<readonly [string, State, number]>([
  ['a quarter of an hour later, of latency', troubled('auto', { before: slowBefore() }), 900_000],
  ['while an audit is asked for', troubled('auto', { asked: 'a shift' }), 150_000],
  ['once the one look has been made', troubled('auto', { before: null }), 150_000],
  ['where somebody is asked before each change', troubled('confirm'), 150_000],
  [
    'of the default',
    { ...troubled(), current: theDefault, seen: troubled().seen.map((one) => ({ ...one, settings: theDefault })) },
    150_000,
  ],
  ['of another setting', { ...troubled(), current: { threads: 99 } }, 150_000],
])('nothing is told %s', (_, state, nowMs) => {
  expect(troubledNow(state, nowMs)).toBeNull();
});

/** A tenth better; failures from half an hour on, of calls at the setting alone or of all. */
function failing(alone: boolean) {
  const fromMs = 1_800_000;
  return createWorld(
    {
      name: 'late failures',
      knobs: [concurrency()],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency: width }, atMs) => {
        const isCandidate = Number(width) >= 16;
        const fails = atMs >= fromMs && (isCandidate || !alone);
        return { perSecond: isCandidate ? 2200 : 2000, errorFraction: fails ? 0.01 : 0 };
      },
      noise: usualNoise,
      changes: (afterMs) => (afterMs < fromMs ? fromMs : Infinity),
    },
    1,
  );
}

it.each([
  ['is left once they are its own', true, 8],
  ['stays where the default has as many', false, 16],
])(
  'a setting under which calls fail long after it was proven, too few to move its level, %s',
  async (_, alone, end) => {
    const world = failing(alone);
    const { surroundings, timers } = manualTime(world);
    await using tuner = tune(world.executor, {
      mode: 'auto',
      stateDir: ':memory:',
      ...throughput,
      seed: 2,
      surroundings,
    });
    await tuner.propose({ concurrency: 16 });
    await timers.sleep(2_400_000);
    expect(tuner.anchor['concurrency']).toBe(end);
  },
);

it('the next reference begins with the newest windows of the trial, but not with those of a queue that came and went with the arms', () => {
  const seen = Array.from({ length: 30 }, (_, i) => ({
    arm: 'candidate',
    window: windowOf({ startMs: 1000 * i }),
  }));
  const known = (overloaded: boolean) => knownSince({ design: { overloaded }, seen } as unknown as Run, 20);
  expect(known(false)).toEqual(seen.slice(-16).map(({ window }) => window));
  expect(known(true)).toEqual([]);
});

it('a load that shifts ends what its level is compared with, also where it asks for an audit', () => {
  const { before } = troubled().audits;
  const switched = { level: 7, objective: { metric: 'throughput', direction: 'maximize' } } as const;
  const retired = [0, 5].map((misses) => {
    const state = troubled('auto', { misses, lastMs: 90_000, switched });
    const step = new StepBuilder(state, 100_000, 100_000);
    onShift(step, { of: 'load', from: 1, to: 2, windows: 2, reason: 'the load' }, 0);
    const { asked, before: after, switched: level } = step.state.audits;
    return [asked, after?.untilMs, level];
  });
  expect(before?.untilMs).toBe(900_000);
  expect(retired).toEqual([
    ['the load', 100_000, null],
    [null, 100_000, null],
  ]);
});

it('an audit that told nothing of it is not asked for again before twice the rest has gone by, and then later still', () => {
  const lastMs = 150_000;
  const waits = [0, 1, 2].map((misses) => {
    const state = troubled('auto', { misses, lastMs });
    const window = windowOf({ startMs: 145_000, forMs: 5000, settings: state.current });
    return [1, 2, 4, 8].find((rests) => {
      const nowMs = lastMs + rests * state.session.options.restMs;
      const step = new StepBuilder(state, nowMs, nowMs);
      return (
        atRest(step, { kind: 'measured', atMs: nowMs, arm: 'baseline', window, effective: state.current }, nowMs) !==
        null
      );
    });
  });
  expect(waits).toEqual([1, 2, 4]);
});

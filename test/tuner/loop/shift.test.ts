import { describe, expect, onTestFinished, test } from 'vitest';
import { quiet } from '../../../bench/worlds/arms.ts';
import { type ManualTime, manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { WorldSpec } from '../../../bench/worlds/spec.ts';
import type { Window } from '../../../src/contracts.ts';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { extendCarryOver, nothingCarried } from '../../../tuner/history.ts';
import { initialState, type State } from '../../../tuner/loop/state.ts';
import { transition } from '../../../tuner/loop/transition.ts';
import type { TuneOptions } from '../../../tuner/options.ts';
import { calibrate } from '../../../tuner/predict/calibrate.ts';
import { replay } from '../../../tuner/replay.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { entryOf, isRecord, quickOptions, recordsOf } from '../../support/tuned-world.ts';
import { type Sketch, windowOf } from '../trial/build-window.ts';

/** A rest of an hour, so that whatever happens within minutes was not waited for. */
const restMs = 3_600_000;

interface Rested {
  readonly tuner: Tuner;
  readonly time: ManualTime;
}

/** A tuner over a world that it has nothing to try in, at rest since its first reference. */
async function rested(part: Partial<WorldSpec>, options: TuneOptions = {}, restsMs = restMs): Promise<Rested> {
  const world = createWorld({ ...quiet, ...part, noise: { sigma: 0.05, tail: 0.08 } }, 1);
  const time = manualTime(world);
  const expert = { ...quickOptions.expert, windowMs: 500, baselineWindows: 12, noisePairs: 0, restMs: restsMs };
  const tuner = tune(world.executor, {
    ...quickOptions,
    fixed: Object.fromEntries(world.executor.knobs.map(({ id, defaultValue }) => [id, defaultValue])),
    ...options,
    surroundings: time.surroundings,
    expert,
  });
  onTestFinished(() => tuner.stop().catch(() => undefined));
  await tuner.settled();
  return { tuner, time };
}

/** The first shift that is recorded, and how long after `fromMs` a new reference is complete. */
async function shiftIn({ tuner, time }: Rested, fromMs: number) {
  await entryOf(tuner, isRecord('shift'));
  await tuner.settled();
  const [shift] = recordsOf(tuner, 'shift');
  return { shift, references: recordsOf(tuner, 'baseline').length, tookMs: time.clock.now() - fromMs };
}

/** From a minute and a half on. */
const fromMs = 90_000;
const later = (before: number, after: number) => (atMs: number) => (atMs < fromMs ? before : after);

describe('a tuner at rest', () => {
  test.each([
    [
      'a load that doubles',
      { load: { kind: 'open', perSecond: later(500, 1000) }, law: () => ({ perSecond: 4000 }) },
      'load',
    ],
    ['more calls in flight of a closed loop', { load: { kind: 'closed', inFlight: later(64, 128) } }, 'load'],
    ['a service that loses a fifth', { law: (_, atMs) => ({ perSecond: later(2000, 1600)(atMs) }) }, 'level'],
    [
      'an open load that is answered at half of its speed',
      {
        load: { kind: 'open', perSecond: 500 },
        law: (_, atMs) => ({ perSecond: later(4000, 2000)(atMs) }),
      },
      'latency',
    ],
  ] as const satisfies readonly (readonly [string, Partial<WorldSpec>, string])[])(
    '%s wakes it within a minute, and it has a new reference by then',
    async (_, part, of) => {
      const { shift, references, tookMs } = await shiftIn(await rested(part), fromMs);
      expect(shift).toMatchObject({ of });
      expect(references).toBe(2);
      expect(tookMs).toBeLessThanOrEqual(60_000);
    },
  );

  test('a load that goes to and fro every three minutes wakes it ever less often', async () => {
    const toAndFro = (atMs: number) => (Math.floor(atMs / 180_000) % 2 === 0 ? 64 : 32);
    const { tuner, time } = await rested({ load: { kind: 'closed', inFlight: toAndFro } }, {}, 60_000);
    await entryOf(tuner, ({ kind }) => kind === 'event' && time.clock.now() > 2 * 3_600_000);
    const shifts = recordsOf(tuner, 'shift').length;
    expect(shifts).toBeGreaterThanOrEqual(2);
    expect(shifts).toBeLessThanOrEqual(7);
  }, 120_000);

  test('in mode observe a shift asks for a new reference too', async () => {
    const part: Partial<WorldSpec> = { law: (_, atMs) => ({ perSecond: later(2000, 1000)(atMs) }) };
    const { shift, references } = await shiftIn(await rested(part, { mode: 'observe' }), fromMs);
    expect(shift).toMatchObject({ of: 'level', from: expect.closeTo(2000, -3), to: expect.closeTo(1000, -2) });
    expect(references).toBe(2);
  });

  test('a session in which something shifted replays to the byte', async () => {
    const part: Partial<WorldSpec> = { law: (_, atMs) => ({ perSecond: later(2000, 1000)(atMs) }) };
    const { tuner, time } = await rested(part);
    await shiftIn({ tuner, time }, fromMs);
    await tuner.stop();
    expect(replay(tuner.ledger)).toMatchObject({ identical: true });
  });

  test('it rests on under a load that swings by half over the day, and through single bad windows', async () => {
    const swing = (atMs: number) => 500 * (1 + 0.5 * Math.sin((2 * Math.PI * atMs) / 86_400_000));
    const isBad = (atMs: number) => atMs % 200_000 < 5000 && atMs > fromMs;
    const { tuner, time } = await rested({
      load: { kind: 'open', perSecond: swing },
      law: (_, atMs) => ({ perSecond: isBad(atMs) ? 1000 : 4000 }),
    });
    const halfAnHour = fromMs + 1_800_000;
    await entryOf(tuner, ({ kind }) => kind === 'event' && time.clock.now() > halfAnHour);
    expect(recordsOf(tuner, 'shift')).toEqual([]);
  });
});

/** A session at rest on `threads: 2`, which has seen what the sketch says, and has ruled out four threads. */
async function atRest(sketch: Sketch = {}): Promise<State> {
  const { tuner } = await rested({});
  const { entry } = tuner.history;
  const session: SessionEntry = { ...entry, options: { ...entry.options, fixed: {} } };
  await tuner.stop();
  const settings = { threads: 2 };
  const knobs = session.knobs.map((knob) => ({ ...knob, id: 'threads', defaultValue: 2 }));
  const windows = Array.from({ length: 20 }, (_, i) => windowOf({ ok: 1000 + 10 * (i % 5), ...sketch }));
  return {
    ...initialState({ ...session, anchor: settings, knobs }),
    phase: { kind: 'resting', untilMs: restMs, tries: null },
    reference: { windows, sigmaD: 0.05, cpus: session.environment.cores },
    seen: windows,
    ruledOut: [{ settings: { threads: 4 }, failures: 3, untilMs: restMs }],
    scores: [{ model: 'usl', pGain: 0.97, gained: false, covered: false, atMs: 0 }],
    rests: 4,
  };
}

function measured(state: State, window: Window, cpus?: number) {
  const atMs = state.session.startedAtMs + 1000;
  const effective = state.current;
  return transition(state, { kind: 'measured', atMs, arm: 'baseline', window, effective, ...(cpus && { cpus }) });
}

/** The step after which the session rests no more; null when it still does after ten windows. */
function woken(state: State, sketch: Sketch) {
  let step = measured(state, windowOf(sketch));
  for (let left = 9; left > 0 && step.state.phase.kind === 'resting'; left--)
    step = measured(step.state, windowOf(sketch));
  return step.state.phase.kind === 'resting' ? null : step;
}

describe('what a shift takes back', () => {
  test('what was seen is forgotten, and what was ruled out may be tried again, though it has failed before', async () => {
    const before = await atRest();
    expect(woken(before, {})).toBeNull();
    const { state, records } = woken(before, { ok: 500, meanMs: 20 }) ?? expect.fail('it rests on');
    expect(state).toMatchObject({ seen: [], rests: 0, phase: { kind: 'observing' } });
    expect(state.ruledOut).toEqual([{ settings: { threads: 4 }, failures: 3, untilMs: 1000 }]);
    expect(records[0]).toMatchObject({ kind: 'shift', windows: expect.any(Number) });
  });

  test('a model that was wrong before it is believed again', async () => {
    const before = await atRest();
    const { state } = woken(before, { ok: 500, meanMs: 20 }) ?? expect.fail('it rests on');
    expect(calibrate(before.scores, 'usl', 0.97, 1000)).toBeLessThan(0.8);
    expect(calibrate(state.scores, 'usl', 0.97, 1000)).toBeGreaterThan(0.8);
  });

  test('another mix of functions wakes it, at the same rate', async () => {
    const before = await atRest({ functions: { small: 800, large: 200 } });
    expect(woken(before, { functions: { small: 790, large: 210 } })).toBeNull();
    const step = woken(before, { functions: { small: 300, large: 700 } });
    expect(step?.records[0]).toMatchObject({ kind: 'shift', of: 'mix', to: expect.closeTo(0.5, 1) });
  });

  test('other CPUs wake it at once, and are what is predicted from', async () => {
    const before = await atRest();
    const { cores } = before.session.environment;
    const { state, records } = measured(before, windowOf(), cores + 2);
    expect(records[0]).toMatchObject({ kind: 'shift', of: 'cpus', from: cores, to: cores + 2 });
    expect(state).toMatchObject({ cpus: cores + 2, phase: { kind: 'observing' } });
  });

  test('other CPUs that come too soon after a wake end the rest as soon as it may end, and are predicted from before', async () => {
    const before = { ...(await atRest()), wakes: { count: 1, lastMs: 900 } };
    const { cores } = before.session.environment;
    const { state: early, records } = measured(before, windowOf(), cores + 2);
    expect(records).toEqual([]);
    expect(early).toMatchObject({ cpus: cores + 2, phase: { kind: 'resting' } });
    // Windows under other CPUs are forgotten at once.
    expect(early.seen).toHaveLength(1);
    const { state } = measured({ ...early, wakes: { count: 1, lastMs: -3 * restMs } }, windowOf(), cores + 2);
    expect(state.phase).toMatchObject({ kind: 'observing' });
  });

  test('windows in which nobody calls wake nobody', async () => {
    expect(woken(await atRest(), { ok: 0, backlog: 0, offered: 0 })).toBeNull();
  });

  test('what failed before a shift is not ruled out in the next session', async () => {
    const state = await atRest();
    const { session, startedAtMs } = state.session;
    const settings = { threads: 4 };
    const failed = {
      kind: 'back-off',
      settings,
      failures: 1,
      atMs: startedAtMs,
      untilMs: startedAtMs + restMs,
    } as const;
    const { records } = woken(state, { ok: 500, meanMs: 20 }) ?? expect.fail('it rests on');
    const entries = [failed, ...records].map((record) => ({ kind: 'record', session, record }) as const);
    const left = [state.session, ...entries].reduce(extendCarryOver, nothingCarried);
    expect(left.ruledOut).toMatchObject([{ settings, untilMs: startedAtMs + 1000 }]);
  });
});

describe('while a reference is taken anew', () => {
  /** Windows of half a second that came after a rest, `bad` of them at half of the level. */
  async function observing(good: number, bad: number) {
    const rest = await atRest();
    let state = rest;
    for (let i = 0; i < 30; i++) state = measured(state, windowOf({ ok: 5000 + 10 * (i % 5), forMs: 5000 })).state;
    const { watch } = state;
    // More windows than come, so that the reference is not complete before.
    const session = { ...rest.session, options: { ...rest.session.options, baselineWindows: 100 } };
    state = { ...rest, session, watch, phase: { kind: 'observing', windows: [], taken: 0, short: [] } };
    for (let i = 0; i < good; i++) state = measured(state, windowOf({ ok: 500 + (i % 5), forMs: 500 })).state;
    for (let i = 0; i < bad; i++) {
      const step = measured(state, windowOf({ ok: 250, meanMs: 20, forMs: 500 }));
      if (step.records.some(({ kind }) => kind === 'shift')) return { step, after: i + 1 };
      state = step.state;
    }
    return null;
  }

  test('a shift is seen as at rest, and what was seen before it is forgotten', async () => {
    expect(await observing(19, 0)).toBeNull();
    const { step, after } = (await observing(10, 60)) ?? expect.fail('nothing was seen');
    // Ten windows of half a second are as long as one at rest.
    expect(after % 10).toBe(0);
    expect(after).toBeLessThanOrEqual(40);
    expect(step.state).toMatchObject({ seen: [], phase: { kind: 'observing', taken: 0, windows: [], short: [] } });
  });
});

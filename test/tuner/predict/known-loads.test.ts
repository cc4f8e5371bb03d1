import { expect, onTestFinished, test } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import type { KnownLoad, SessionEntry } from '../../../tuner/entries/entries.ts';
import { type CarryOver, extendCarryOver, nothingCarried } from '../../../tuner/history.ts';
import { initialState, type State } from '../../../tuner/loop/state.ts';
import { afterLeaving, look } from '../../../tuner/predict/known-loads.ts';
import { signsHere } from '../../../tuner/predict/proven-under.ts';
import { replay } from '../../../tuner/replay.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { entryOf, isRecord, recordsOf } from '../../support/tuned-world.ts';
import { windowOf } from '../trial/build-window.ts';

const moment = { nowMs: 0, atMs: Date.UTC(2026, 0, 1, 9) };

/** A session with a reference under a load that it has met: then 7 threads were proven. */
function met(part: Partial<State> = {}, one: Partial<KnownLoad> = {}): State {
  const [entry] = new SampleSession({ tune: { mode: 'auto' } }).entries;
  const state = initialState(entry as SessionEntry);
  const settings = state.current;
  const windows = Array.from({ length: 20 }, (_, i) => windowOf({ startMs: 1000 * i, settings }));
  const here = { ...state, reference: { windows, sigmaD: 0.05, cpus: 4 }, cpus: 4 };
  const under = signsHere(here, windows, moment.atMs) ?? expect.fail('no signs');
  const known: KnownLoad = {
    settings: { ...settings, threads: 7 },
    under,
    gain: { estimate: 0.5, low: 0.3, high: 0.7, level: 0.8 },
    pGain: 1,
    reached: null,
    atMs: moment.atMs - 86_400_000,
    ...one,
  };
  return { ...here, known: [known], ...part };
}
const theOne = (state: State) => state.known[0] ?? expect.fail('nothing is known');

test('what was proven under a load is offered where the load is like it, with the gain it had', () => {
  const state = met();
  const { records, offer } = look(state, moment);
  expect(records).toEqual([]);
  expect(offer).toMatchObject({ settings: theOne(state).settings, gain: { estimate: 0.5 }, pGain: 0.95 });
  expect(offer?.reason).toContain('2025-12-31 09:00 UTC');
  // Under another setting nothing says how the load does, so that less is promised.
  const other = met({}, { under: { ...theOne(state).under, inForce: { ...state.current, threads: 5 } } });
  expect(look(other, moment).offer?.pGain).toBe(0.85);
});

test.each<readonly [string, (state: State) => Partial<State>]>([
  ['it is in force', (state) => ({ current: theOne(state).settings })],
  ['the CPUs are fewer', () => ({ cpus: 2 })],
  ['its knob rests', () => ({ restingKnobs: [{ knob: 'threads', failures: 1, untilMs: 1 }] })],
  [
    'its knob is fixed',
    ({ session }) => ({ session: { ...session, options: { ...session.options, fixed: { threads: 1 } } } }),
  ],
  [
    'a knob is there that was not',
    ({ session }) => ({ session: { ...session, anchor: { ...session.anchor, more: 1 } } }),
  ],
])('nothing is offered where %s', (_, part) => {
  const state = met();
  expect(look({ ...state, ...part(state) }, moment).offer).toBeNull();
});

test('a setting that failed under the same load is forgotten, and under a load that only looks alike it waits', () => {
  const state = met();
  const { settings, under } = theOne(state);
  const ruledOut = [{ settings, failures: 1, untilMs: 1 }];
  expect(look({ ...state, ruledOut }, moment)).toMatchObject({ records: [{ is: 'forgotten', settings }], offer: null });
  const other = met({ ruledOut }, { under: { ...under, inForce: { ...state.current, threads: 5 } } });
  expect(look(other, moment)).toEqual({ records: [], offer: null });
});

test('a setting that is left for the default is known to have been left, and no other is', () => {
  const one = theOne(met());
  const other = { ...one, settings: { ...one.settings, threads: 5 } };
  expect(afterLeaving([one, other], one.settings)).toEqual([{ ...one, left: true }, other]);
});

test('a setting that was left is forgotten where the load is as it was, and is kept where that is what changed', () => {
  const state = met({}, { left: true });
  const { settings, under } = theOne(state);
  expect(look(state, moment)).toMatchObject({ records: [{ is: 'forgotten', settings }], offer: null });
  const changed = met({}, { left: true, under: { ...under, level: { value: 3000, error: 0.01 } } });
  const { records, offer } = look(changed, moment);
  expect(records).toMatchObject([{ is: 'kept', settings }]);
  expect(records[0]).not.toHaveProperty('left');
  expect(offer).toBeNull();
});

test('a setting that was left is forgotten where a better level is all that has changed, and what was in force may have been harmed then', () => {
  const { under } = theOne(met());
  const worse = { ...under, level: { value: 500, error: 0.01 } };
  const verdictOn = (one: Partial<KnownLoad>) => look(met({}, { left: true, ...one }), moment).records[0]?.is;
  expect(verdictOn({ under: worse, doubtful: true })).toBe('forgotten');
  expect(verdictOn({ under: worse })).toBe('kept');
  expect(verdictOn({ under: { ...under, level: { value: 3000, error: 0.01 } }, doubtful: true })).toBe('kept');
  // Fewer calls are there: that load is another one, whatever was harmed under it.
  expect(verdictOn({ under: { ...worse, size: { value: 100, error: 0.01 } }, doubtful: true })).toBe('kept');
});

test('of loads that only look alike the newest proof counts, also where it led to what is in force', () => {
  const state = met();
  const one = theOne(state);
  const inForce = { ...state.current, threads: 5 };
  const newer = { ...one, under: { ...one.under, inForce }, settings: state.current, atMs: one.atMs + 1 };
  const older = { ...one, under: { ...one.under, inForce } };
  expect(look({ ...state, known: [older, newer] }, moment).offer).toBeNull();
  expect(look({ ...state, known: [older] }, moment).offer).toMatchObject({ settings: older.settings });
});

function carriedOf(tuner: Tuner): CarryOver {
  return [...tuner.ledger.read()].reduce(extendCarryOver, nothingCarried);
}

function nth(tuner: Tuner, kind: 'anchor' | 'known-load', count: number) {
  let seen = 0;
  return entryOf(tuner, (entry) => isRecord(kind)(entry) && ++seen === count);
}

test('a load that comes back is met with what was proven under it, before any model is asked', async () => {
  const entry = worldNamed('shift-flip');
  const world = makeWorld(entry, 1);
  const { surroundings, clock } = manualTime(world);
  const tuner = tune(world.executor, { mode: 'auto', stateDir: ':memory:', ...entry.goal, seed: 1, surroundings });
  onTestFinished(() => tuner.stop().catch(() => undefined));
  await nth(tuner, 'anchor', 3);
  const nowMs = clock.now();
  expect(nowMs).toBeGreaterThan(900_000);
  expect(nowMs).toBeLessThan(1_000_000);
  const sealed = recordsOf(tuner, 'sealed');
  expect(sealed.map(({ by, predicted }) => [by, predicted?.model])).toEqual([
    ['predictor', expect.stringMatching(/concurrency|beyond/)],
    ['audit', undefined],
    ['predictor', 'known load'],
  ]);
  expect(sealed[2]?.settings).toEqual(sealed[0]?.settings);
  // It is a prediction like any other: it spends its level, and is scored.
  expect(carriedOf(tuner).spent).toHaveLength(2);
  expect(recordsOf(tuner, 'score').at(-1)).toMatchObject({ model: 'known load', covered: true });
  await tuner.stop();
  expect(replay(tuner.ledger)).toMatchObject({ identical: true });
}, 120_000);

test('what went bad under the load that it was proven under is not proposed again', async () => {
  const entry = worldNamed('harm-later');
  const world = makeWorld(entry, 1);
  const { surroundings } = manualTime(world);
  const tuner = tune(world.executor, { mode: 'auto', stateDir: ':memory:', ...entry.goal, seed: 1, surroundings });
  onTestFinished(() => tuner.stop().catch(() => undefined));
  await nth(tuner, 'anchor', 1);
  const wide = tuner.anchor['concurrency'];
  expect(wide).toBeGreaterThanOrEqual(16);
  expect(recordsOf(tuner, 'known-load')).toMatchObject([{ is: 'proven', settings: { concurrency: wide } }]);
  await nth(tuner, 'anchor', 2);
  await nth(tuner, 'known-load', 3);
  await tuner.stop();
  expect(recordsOf(tuner, 'known-load').map(({ is, settings }) => [is, settings['concurrency']])).toEqual([
    ['proven', wide],
    ['proven', 8],
    ['forgotten', wide],
  ]);
  expect(carriedOf(tuner).known.map(({ settings }) => settings)).not.toContainEqual({ concurrency: wide });
}, 120_000);

test('a session knows the loads of those before it', async () => {
  const stateDir = temporaryFolder();
  const entry = worldNamed('cache-loop');
  const start = () => {
    const world = makeWorld(entry, 1);
    const { surroundings } = manualTime(world);
    const tuner = tune(world.executor, { mode: 'auto', stateDir, ...entry.goal, seed: 1, surroundings });
    onTestFinished(() => tuner.stop().catch(() => undefined));
    return tuner;
  };
  const first = start();
  await nth(first, 'anchor', 1);
  const { anchor } = first;
  await first[Symbol.asyncDispose]();
  const second = start();
  await nth(second, 'anchor', 1);
  expect(second.anchor).toEqual(anchor);
  expect(recordsOf(second, 'sealed').map(({ settings, predicted }) => [settings, predicted?.model])).toEqual([
    [anchor, 'cache'],
    [anchor, 'known load'],
  ]);
}, 120_000);

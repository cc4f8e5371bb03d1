import { expect, onTestFinished, test } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { concurrency, everyMs, throughput, usualNoise } from '../../../bench/worlds/catalogue/entry.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld, type SimulatedWorld } from '../../../bench/worlds/simulated.ts';
import { randomStream } from '../../../src/foundation/random.ts';
import type { SessionEntry, TunerRecord } from '../../../tuner/entries/entries.ts';
import type { GoalWords } from '../../../tuner/goal.ts';
import { extendCarryOver, nothingCarried, recommendedTrials } from '../../../tuner/history.ts';
import { afterShift, afterSinking, auditOf, noAudits } from '../../../tuner/loop/audits.ts';
import { initialState, type State } from '../../../tuner/loop/state.ts';
import { replay } from '../../../tuner/replay.ts';
import { type Tuner, tune } from '../../../tuner/tune.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { entryOf, isRecord, recordsOf } from '../../support/tuned-world.ts';
import { windowOf } from '../trial/build-window.ts';

const hourMs = 3_600_000;
const restMs = 60_000;
const fall = { of: 'level', from: 2000, to: 1000, windows: 2, reason: 'the level fell' } as const;

/** A session on a setting that it has put in the place of its default. */
function moved(part: Partial<State> = {}): State {
  const [entry] = new SampleSession({ tune: { mode: 'auto', expert: { restMs } } }).entries;
  const session = entry as SessionEntry;
  const state = initialState(session);
  const current = { ...state.current, threads: 7 };
  return { ...state, anchor: current, current, ...part };
}
const theDefault = (state: State) =>
  Object.fromEntries(state.session.knobs.map(({ id, defaultValue }) => [id, defaultValue]));

test('a shift asks for an audit at once, and then ever less often while audits change nothing', () => {
  const state = moved();
  const asked = afterShift(state, 0, fall) ?? expect.fail('nothing is asked');
  const { settings, reason, audits } = auditOf({ ...state, audits: asked }, 0) ?? expect.fail('no audit');
  expect(settings).toEqual(theDefault(state));
  expect(reason).toContain('the level fell');
  expect(audits).toEqual({
    misses: 1,
    lastMs: 0,
    dueMs: 4 * hourMs,
    asked: null,
    lostMs: null,
    staysUntilMs: null,
    switched: null,
    fell: true,
    sunken: null,
    trouble: null,
    before: null,
  });
  expect(auditOf({ ...state, audits }, 1)).toBeNull();
  // A setting that fell, and was well again as soon as it was switched, is looked at again at the next fall.
  const lost = moved({ audits: { ...noAudits, misses: 3, lostMs: 0 } });
  expect(afterShift(lost, restMs, fall)).not.toBeNull();
  expect(afterShift(lost, restMs, { ...fall, to: 4000 })).toBeNull();
  const waits = [1, 2, 3, 10].map((misses) => {
    const facts = moved({ audits: { ...noAudits, misses } });
    return [1, 2, 4, 8, 16, 32, 64, 128].find((rests) => afterShift(facts, rests * restMs, fall) !== null);
  });
  expect(waits).toEqual([2, 4, 8, 64]);
});

test('a setting that has sunk below what it was while an audit switched it is audited again: at once after a loss, else as after any audit', () => {
  const stayed = Array.from({ length: 4 }, () => windowOf({ ok: 1320 }));
  const switched = { level: Math.log(2200), objective: { metric: 'throughput', direction: 'maximize' } } as const;
  const asks = (part: Partial<State['audits']>, nowMs: number, windows = stayed) =>
    afterSinking(moved({ audits: { ...noAudits, misses: 1, switched, ...part } }), nowMs, windows);
  expect(asks({ lostMs: 0 }, 1)).toMatchObject({ fell: true, asked: expect.stringContaining('−40.0 %') });
  expect(asks({}, 1)).toBeNull();
  expect(asks({}, 2 * restMs)).not.toBeNull();
  expect(asks({ lostMs: 0 }, 900_001)).toBeNull();
  expect(asks({ lostMs: 0, asked: 'a shift' }, 1)).toBeNull();
  expect(asks({ lostMs: 0, switched: null }, 1)).toBeNull();
  expect(
    asks(
      { lostMs: 0 },
      1,
      Array.from({ length: 4 }, () => windowOf({ ok: 2200 })),
    ),
  ).toBeNull();
});

test('without a shift the default is audited after two hours, and then up to once a day', () => {
  const gaps: number[] = [];
  let [state, atMs] = [moved(), 0];
  for (let one = 0; one < 6; one++) {
    const gap = [1, 2, 4, 8, 16, 24, 48].find((hours) => auditOf(state, atMs + hours * hourMs) !== null) ?? 0;
    gaps.push(gap);
    atMs += gap * hourMs;
    state = { ...state, audits: auditOf(state, atMs)?.audits ?? expect.fail('no audit') };
  }
  expect(gaps).toEqual([2, 4, 8, 16, 24, 24]);
});

test.each<readonly [string, (state: State) => Partial<State>]>([
  ['the default is in force', (state) => ({ current: theDefault(state) })],
  ['a knob that would move rests', () => ({ restingKnobs: [{ knob: 'threads', failures: 1, untilMs: 9 * hourMs }] })],
  [
    'nothing may be tried',
    ({ session }) => ({ session: { ...session, options: { ...session.options, mode: 'advise' } } }),
  ],
])('there is no audit where %s', (_, part) => {
  const state = moved();
  const facts = { ...state, ...part(state) };
  expect(afterShift(facts, 0, fall)).toBeNull();
  expect(auditOf(facts, 5 * hourMs)).toBeNull();
});

/** A tuner in a world of the catalogue, from its beginning. */
function tuned(name: string, seed = 1): ReturnType<typeof tunedIn> {
  const entry = worldNamed(name);
  return tunedIn(makeWorld(entry, seed), entry.goal);
}

function tunedIn(world: SimulatedWorld, goal: GoalWords) {
  const { surroundings, clock, timers } = manualTime(world);
  // Enough for two trials at the usual level, and not for three.
  const expert = { falseCommitsPerDay: 0.03 };
  const tuner = tune(world.executor, {
    mode: 'auto',
    stateDir: ':memory:',
    ...goal,
    seed: 1,
    surroundings,
    expert,
  });
  onTestFinished(() => tuner.stop().catch(() => undefined));
  return { tuner, nowMs: () => clock.now(), sleep: (ms: number) => timers.sleep(ms) } as const;
}

function nth(tuner: Tuner, kind: TunerRecord['kind'], count: number) {
  let seen = 0;
  return entryOf(tuner, (entry) => isRecord(kind)(entry) && ++seen === count);
}

test('a commit that loses half of its rate after a quarter of an hour is left within a minute', async () => {
  const { tuner, nowMs } = tuned('harm-later', 2);
  await nth(tuner, 'anchor', 1);
  const committed = tuner.anchor;
  expect(committed['concurrency']).toBeGreaterThanOrEqual(16);
  const { spent } = [...tuner.ledger.read()].reduce(extendCarryOver, nothingCarried);
  await nth(tuner, 'shift', 1);
  expect(nowMs()).toBeGreaterThan(900_000);
  await nth(tuner, 'decision', 2);
  expect(nowMs()).toBeLessThan(900_000 + 60_000);
  await nth(tuner, 'anchor', 2);
  expect(tuner.anchor).toEqual({ concurrency: 8 });
  expect(recordsOf(tuner, 'sealed').at(-1)).toMatchObject({ by: 'audit', settings: { concurrency: 8 } });
  // What was left is not tried again at once, and the way back has cost nothing of the budget.
  expect(recordsOf(tuner, 'back-off')).toMatchObject([{ settings: committed, failures: 1 }]);
  tuner.propose({ concurrency: 128 }).catch(() => undefined);
  await nth(tuner, 'trial', 6);
  expect(recordsOf(tuner, 'trial').map(({ purpose, design }) => [purpose, design.commitAlpha])).toEqual([
    ['candidate', 0.01],
    ['hold-back', 0.05],
    ['a/a', 0.01],
    ['candidate', 0.01],
    ['hold-back', 0.05],
    ['candidate', expect.closeTo(0.01, 6)],
  ]);
  await tuner.stop();
  expect([...tuner.ledger.read()].reduce(extendCarryOver, nothingCarried).spent).toEqual(spent);
  expect(replay(tuner.ledger)).toMatchObject({ identical: true });
}, 120_000);

test('a commit that is bad only where it stays is left for the default, and its back-off outlasts a shift', async () => {
  const { tuner, nowMs } = tuned('harm-late', 7);
  await nth(tuner, 'anchor', 1);
  const committed = tuner.anchor;
  // By a shift, or by latencies that are not what they were before the change.
  await entryOf(
    tuner,
    (entry) => entry.kind === 'record' && entry.record.kind === 'sealed' && entry.record.by === 'audit',
  );
  const fellMs = nowMs();
  await nth(tuner, 'anchor', 2);
  // The first time it might have been an outage that ended just then.
  expect(nowMs() - fellMs).toBeLessThan(180_000);
  expect(tuner.anchor).toEqual({ concurrency: 8 });
  // While it is switched, the default is the worse of the two.
  expect(recordsOf(tuner, 'decision').at(-1)).toMatchObject({ decision: 'revert', settings: committed });
  expect(recordsOf(tuner, 'back-off').at(-1)).toMatchObject({ settings: committed, left: true });
  // Nobody goes back first to what is left.
  expect(recordsOf(tuner, 'intent').slice(-2)).toMatchObject([
    { purpose: 'trial', settings: { concurrency: 8 } },
    { purpose: 'anchor', settings: { concurrency: 8 } },
  ]);
  expect(recommendedTrials(tuner.history)).toEqual([]);
  const { ruledOut } = [...tuner.ledger.read()].reduce(extendCarryOver, nothingCarried);
  const shift = { kind: 'shift', of: 'load', from: 1, to: 2, windows: 2, atMs: 1, reason: 'a shift' } as const;
  const { session } = tuner.history.entry;
  const after = extendCarryOver({ ...nothingCarried, session, ruledOut }, { kind: 'record', session, record: shift });
  for (const { left, untilMs } of after.ruledOut) expect(untilMs === 1).toBe(left !== true);
  expect(after.ruledOut.filter(({ left }) => left)).toHaveLength(1);
  await tuner.stop();
  expect(replay(tuner.ledger)).toMatchObject({ identical: true });
}, 120_000);

test.each([3_000, 60_000])(
  'a commit that costs two fifths only where it stays for %d ms is left, though its level falls but once',
  async (tauMs) => {
    const fromMs = 1_000_000;
    const world = createWorld(
      {
        name: 'late and slow',
        knobs: [concurrency()],
        load: { kind: 'closed', inFlight: 64 },
        law: ({ concurrency: width }, atMs, { stayedMs }) => {
          const isCandidate = Number(width) >= 16;
          const builtUpMs = isCandidate ? Math.max(0, Math.min(stayedMs, atMs - fromMs)) : 0;
          return { perSecond: (isCandidate ? 2200 : 2000) * (1 - 0.4 * (1 - Math.exp(-builtUpMs / tauMs))) };
        },
        noise: usualNoise,
        changes: everyMs(1000),
      },
      1,
    );
    const { tuner, sleep } = tunedIn(world, throughput);
    await tuner.propose({ concurrency: 16 });
    await sleep(fromMs + 1_200_000);
    expect(tuner.anchor).toEqual({ concurrency: 8 });
  },
  120_000,
);

test('outages of both settings, one in four minutes for twenty seconds, cost a good setting nothing', async () => {
  // A tenth better; the rate is half for twenty seconds of what chance has for the minutes between.
  const random = randomStream(1, 'outages');
  let endMs = 0;
  const outages = Array.from({ length: 20 }, () => {
    const fromMs = endMs - 240_000 * Math.log(1 - random());
    endMs = fromMs + 20_000;
    return { fromMs, toMs: endMs };
  });
  const world = createWorld(
    {
      name: 'outages of both',
      knobs: [concurrency()],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency: width }, atMs) => ({
        perSecond:
          (Number(width) >= 16 ? 2200 : 2000) *
          (outages.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs) ? 0.5 : 1),
      }),
      noise: usualNoise,
      changes: (afterMs) =>
        outages.flatMap(({ fromMs, toMs }) => [fromMs, toMs]).find((one) => one > afterMs) ?? Infinity,
    },
    1,
  );
  const { tuner, sleep } = tunedIn(world, throughput);
  tuner.propose({ concurrency: 16 }).catch(() => undefined);
  await sleep(2_700_000);
  const anchors = recordsOf(tuner, 'anchor').map(({ settings }) => Number(settings['concurrency']));
  expect(anchors.length).toBeGreaterThan(0);
  expect(Math.min(...anchors)).toBeGreaterThanOrEqual(16);
  expect(recordsOf(tuner, 'shift').length + recordsOf(tuner, 'decision').length).toBeGreaterThan(2);
}, 120_000);

import { expect, test } from 'vitest';
import { concurrency } from '../../../bench/worlds/catalogue/entry.ts';
import { scalable } from '../../../bench/worlds/laws.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { createWorld } from '../../../bench/worlds/simulated.ts';
import type { SessionEntry, TunerRecord } from '../../../tuner/entries/entries.ts';
import { initialState } from '../../../tuner/loop/state.ts';
import { transition } from '../../../tuner/loop/transition.ts';
import { replay } from '../../../tuner/replay.ts';
import { tune } from '../../../tuner/tune.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { entryOf, quickOptions, recordsOf, tunedWorld } from '../../support/tuned-world.ts';
import { windowOf } from '../trial/build-window.ts';

const isCandidate = ({ size }: { readonly size?: unknown }) => Number(size) >= 8;

/** Half as much again from a size of 8 on, and nothing at all the first time that it is in force. */
function outageAtFirst(): (settings: { readonly size?: unknown }) => number {
  let [begun, over] = [false, false];
  return (settings) => {
    over ||= begun && !isCandidate(settings);
    begun ||= isCandidate(settings);
    if (!isCandidate(settings)) return 10_000;
    return over ? 15_000 : 0;
  };
}

test('what met an outage in one window is tried again at once, is no failure, and answers who proposed it in the end', async () => {
  const { tuner } = tunedWorld({ rate: outageAtFirst() });
  const proposed = tuner.propose({ size: 8 });
  const behind = tuner.propose({ size: 8 });
  expect(await proposed).toMatchObject({ decision: 'commit', trigger: 'better', trial: expect.any(Number) });
  expect(await behind).toMatchObject({ trigger: 'equivalent' });
  const [first, second] = recordsOf(tuner, 'decision');
  expect([first?.trigger, second?.trigger]).toEqual(['outage or candidate', 'better']);
  const [backOff] = recordsOf(tuner, 'back-off');
  expect(backOff).toMatchObject({ settings: { size: 8 }, failures: 0, stalled: true });
  expect(backOff?.untilMs).toBe(backOff?.atMs);
  await tuner.stop();
  expect(replay(tuner.ledger)).toMatchObject({ identical: true });
});

test('a setting under which nothing comes out is tried twice, and then ruled out for twice as long each time, also after a restart', async () => {
  const stateDir = temporaryFolder();
  const rate = (settings: { readonly size?: unknown }) => (isCandidate(settings) ? 0 : 10_000);
  const first = tunedWorld({ rate }, { stateDir });
  expect(await first.tuner.propose({ size: 8 })).toMatchObject({ decision: 'revert', trigger: 'breaker: stall' });
  expect(recordsOf(first.tuner, 'decision').map((one) => one.trigger)).toEqual([
    'outage or candidate',
    'breaker: stall',
  ]);
  await first.tuner[Symbol.asyncDispose]();

  const second = tunedWorld({ rate }, { stateDir });
  const before = recordsOf(second.tuner, 'decision').length;
  expect(await second.tuner.propose({ size: 8 })).toMatchObject({ decision: 'revert', trigger: 'breaker: stall' });
  expect(recordsOf(second.tuner, 'decision')).toHaveLength(before + 1);
  const rests = recordsOf(second.tuner, 'back-off').map(({ failures, atMs, untilMs }) => [failures, untilMs - atMs]);
  expect(rests).toEqual([
    [0, 0],
    [1, 20_000],
    [2, 40_000],
  ]);
  await second.tuner.stop();
  expect(replay(second.tuner.ledger)).toMatchObject({ identical: true, sessions: 2 });
  await second.tuner[Symbol.asyncDispose]();
});

test('a width that a model promises much of, and that lets nothing through, is not tried for ever', async () => {
  const promises = scalable({ inFlight: 64, perSecond: 100, contention: 0.05, coherency: 0.001 });
  const world = createWorld(
    {
      name: 'jams',
      knobs: [concurrency(2)],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency: width }) =>
        Number(width) > 4 ? { perSecond: 0 } : promises({ concurrency: Number(width) }),
      noise: { tail: 0.08, sigma: 0.01 },
    },
    3,
  );
  const time = manualTime(world);
  const tuner = tune(world.executor, { ...quickOptions, surroundings: time.surroundings });
  const hourMs = 3_600_000;
  await entryOf(tuner, () => time.clock.now() > hourMs);
  // A look at it comes before any trial, and rules it out for twice as long each time: of an hour's 360 rests eight.
  expect(recordsOf(tuner, 'trial').filter(({ candidate }) => Number(candidate['concurrency']) > 4)).toEqual([]);
  const looks = recordsOf(tuner, 'probe').filter(({ settings }) => Number(settings['concurrency']) > 4);
  const counts = new Map<number, number>();
  for (const { settings } of looks) {
    const width = Number(settings['concurrency']);
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  expect(looks.length).toBeGreaterThan(1);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(9);
  await tuner.stop();
});

test('an audit that met an outage is tried again at once, and no third time', () => {
  const [entry] = new SampleSession({ tune: { mode: 'auto' } }).entries;
  const session = entry as SessionEntry;
  const before = initialState(session);
  const current = { ...before.current, threads: 7 };
  const windows = Array.from({ length: 10 }, () => windowOf({ settings: current }));
  const records: TunerRecord[] = [];
  let step = transition(
    {
      ...before,
      anchor: current,
      current,
      phase: { kind: 'choosing' },
      reference: { ...before.reference, windows },
      noise: { known: true, tries: 1 },
      audits: { ...before.audits, asked: 'the level fell' },
    },
    { kind: 'done', atMs: session.startedAtMs },
  );
  for (let atMs = session.startedAtMs; step.action && step.state.phase.kind !== 'resting'; atMs += 1000) {
    records.push(...step.records);
    const { action, state } = step;
    if (action.kind !== 'measure') {
      step = transition(state, { kind: 'done', atMs });
      continue;
    }
    const { arm, settings } = action;
    const stalls = arm === 'candidate' ? { ok: 0, backlog: 8 } : {};
    const window = windowOf({ settings, startMs: atMs - session.startedAtMs, ...stalls });
    step = transition(state, { kind: 'measured', atMs, arm, window, effective: settings });
    if (atMs > session.startedAtMs + 100_000) break;
  }
  const audits = records.flatMap((one) => (one.kind === 'sealed' && one.by === 'audit' ? [one.trial] : []));
  const endings = records.flatMap((one) =>
    one.kind === 'decision' && audits.includes(one.trial) ? [one.trigger] : [],
  );
  expect(endings).toEqual(['outage or candidate', 'breaker: stall']);
});

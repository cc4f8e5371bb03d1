import { expect, it } from 'vitest';
import type { Window } from '../../../src/contracts.ts';
import { mergeDistributions } from '../../../src/measure/distribution.ts';
import type { SessionEntry } from '../../../tuner/entries/entries.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { afterShift } from '../../../tuner/loop/audits.ts';
import { on } from '../../../tuner/loop/phases/observing.ts';
import { atRest } from '../../../tuner/loop/shifts.ts';
import { afterAlone, type LevelBefore, sunkenNow } from '../../../tuner/loop/since-change.ts';
import { initialState, type State } from '../../../tuner/loop/state.ts';
import { StepBuilder } from '../../../tuner/loop/step.ts';
import { signsHere } from '../../../tuner/predict/proven-under.ts';
import { goalNow } from '../../../tuner/trial/goal-now.ts';
import { SampleSession } from '../../support/sample-ledger.ts';
import { took } from '../predict/seen.ts';
import { type Sketch, windowOf } from '../trial/build-window.ts';

const [entry] = new SampleSession({ tune: { mode: 'auto' } }).entries;
const session = { ...(entry as SessionEntry), goal: parseGoal({ sloMs: 50 }), load: 'closed' } as const;
const fresh = initialState(session);
const kept = { ...fresh.current, threads: 7 };

/** Windows of five seconds whose calls all take ten times what they may, or as the sketch says. */
const late = (levels: readonly number[], sketch: Sketch = {}): readonly Window[] =>
  levels.map((level, i) =>
    windowOf({ startMs: 5000 * i, forMs: 5000, ok: Math.round(5000 * level), meanMs: 500, settings: kept, ...sketch }),
  );
const around = (level: number, count: number) =>
  Array.from({ length: count }, (_, i) => level * (1 + 0.02 * ((i % 5) - 2)));
const rest = (windows: readonly Window[], part: Partial<State> = {}): State => ({
  ...fresh,
  current: kept,
  reference: { windows, sigmaD: 0.05, cpus: fresh.cpus },
  seen: windows,
  ...part,
});

/** What is recorded at rest, window by window, and the state then. */
function watched(state: State, windows: readonly Window[]) {
  const records = windows.flatMap((window, i) => {
    const nowMs = 1e6 + 5000 * i;
    const step = new StepBuilder(state, nowMs, nowMs);
    atRest(step, { kind: 'measured', atMs: nowMs, arm: 'baseline', window, effective: kept }, 9e9);
    const stayed = step.stay();
    state = { ...stayed.state, audits: { ...stayed.state.audits, asked: null } };
    return stayed.records;
  });
  return { state, records };
}

it('while hardly a call is within its limit, a level that halves is that of what stands in for goodput, and told', () => {
  const state = rest(late(around(1, 20)));
  const { records } = watched(state, late([...around(1, 10), ...around(0.5, 6)]));
  expect(records).toContainEqual(expect.objectContaining({ kind: 'shift', of: 'level' }));
  expect(watched(state, late(around(1, 16))).records).toEqual([]);
});

it('the level is watched anew once goodput decides again, since it was that of another objective', () => {
  const before = watched(rest(late(around(1, 20))), late(around(1, 10))).state;
  expect(before.watch).toMatchObject({ objective: { metric: 'throughput' }, fresh: 10 });
  const windows = late(around(1, 20), { meanMs: 10 });
  const after = watched({ ...before, reference: { ...before.reference, windows } }, windows.slice(0, 1)).state;
  expect(after.watch).toMatchObject({ objective: { metric: 'goodput' }, fresh: 1 });
});

const theDefault = fresh.current;
const beforeChange = (levels: readonly number[], sketch: Sketch = {}): LevelBefore => ({
  windows: late(levels, { settings: theDefault, ...sketch }),
  load: 'closed',
  guardrails: [],
  untilMs: 900_000,
});
const sinking = late([...around(0.95, 6), ...around(0.7, 6)]);

it.each<readonly [string, readonly Window[]]>([
  ['while no call is within its limit', sinking],
  [
    'also once calls are',
    sinking.map((one) => ({ ...one, latency: late([1], { meanMs: 10 })[0]?.latency ?? one.latency })),
  ],
])('a setting sinks below the level by which it was proven, %s', (_, seen) => {
  const state = rest(seen);
  const audits = { ...state.audits, before: beforeChange(around(1, 20)) };
  expect(sunkenNow({ ...state, audits }, 500_000)?.says).toMatch(/the level is −\d+\.?\d* %/);
  expect(sunkenNow({ ...state, audits: { ...audits, before: beforeChange(around(0.7, 20)) } }, 500_000)).toBeNull();
});

it('the default that is left alone is seen to come back by what stands in for goodput', () => {
  const state = rest(sinking);
  const audits = { ...state.audits, before: beforeChange(around(1, 20)), sunken: sinking.slice(-6) };
  const back = late(around(1, 24), { settings: theDefault });
  const audit = (windows: readonly Window[]) => ({
    seen: [],
    between: windows.map((window) => ({ arm: 'candidate', window }) as const),
    pairs: [],
  });
  expect(afterAlone({ ...state, audits }, back, audit(back))).toMatchObject({
    loss: expect.stringContaining('left alone'),
  });
  const same = late(around(0.7, 48), { settings: theDefault });
  expect(afterAlone({ ...state, audits }, same, audit(same))).toEqual({ loss: null });
});

it('a load under which no call is within its limit is known again by what stands in for goodput', () => {
  const state = rest(late(around(1, 20)));
  const level = (windows: readonly Window[]) => signsHere(state, windows, 0)?.level?.value;
  expect(level(late(around(1, 20)))).toBeCloseTo(1000, -1);
  expect(level(late(around(0.5, 20)))).toBeCloseTo(500, -1);
});

it.each([true, false])('near the border a new reference decides as the one before did (stood in: %s)', (stoodIn) => {
  const { baselineWindows } = session.options;
  const latency = mergeDistributions([took(20, 70), took(500, 930)]);
  const border = Array.from({ length: baselineWindows }, (_, i) => ({
    ...windowOf({ startMs: 1000 * i, settings: kept }),
    latency,
  }));
  const before = rest(late(around(1, 20), { meanMs: stoodIn ? 500 : 10 }));
  const step = new StepBuilder({ ...before, seen: [] }, 1e6, 1e6);
  const window = border.at(-1) ?? expect.fail('no window');
  const phase = { kind: 'observing', windows: border.slice(0, -1), taken: baselineWindows - 1, short: [] } as const;
  on(step, phase, { kind: 'measured', atMs: 1e6, arm: 'baseline', window, effective: kept });
  expect(goalNow(step.state).objective.metric).toBe(stoodIn ? 'throughput' : 'goodput');
  expect(step.state.reference.windows).toHaveLength(baselineWindows);
  expect(step.stay().records.filter(({ kind }) => kind === 'phase')).toEqual([]);
});

it('a mean latency that rises while it stands in is a fall, and a level of goodput that rises is none', () => {
  const open = { ...session, load: 'open' } as const;
  const shift = { of: 'level', from: 500, to: 900, windows: 2, reason: 'it rose' } as const;
  const fell = (meanMs: number) => {
    const windows = late(around(1, 20), { meanMs });
    return afterShift({ ...rest(windows), session: open }, 9e6, shift)?.fell;
  };
  expect(fell(500)).toBe(true);
  expect(fell(10)).toBe(false);
});

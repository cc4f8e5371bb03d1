import { describe, expect, it } from 'vitest';
import { makeWorld, worldNamed } from '../../../bench/worlds/catalogue/catalogue.ts';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Load, Window } from '../../../src/contracts.ts';
import { mergeDistributions } from '../../../src/measure/distribution.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { goalNow, standInText } from '../../../tuner/trial/goal-now.ts';
import { tune } from '../../../tuner/tune.ts';
import { ok, took } from '../predict/seen.ts';

const goal = parseGoal({ sloMs: 50, subjectTo: ['errors < 1%'] });

/** Seconds of a hundred calls each, all of which take as long, and of which so many more come than are served. */
const seconds = (latencyMs: number, more = 0): readonly Window[] =>
  Array.from({ length: 10 }, (_, i) =>
    emptyWindow({
      startMs: 1000 * i,
      endMs: 1000 * (i + 1),
      offered: 100 + more,
      outcomes: { ...ok, ok: 100 },
      backlogAtStart: more > 0 ? 200 + more * i : 5,
      backlogAtEnd: more > 0 ? 200 + more * (i + 1) : 5,
      latency: took(latencyMs, 100),
      work: { ...emptyWindow({}).work, batches: 100, batchedCalls: 100, batchMs: 100 },
    }),
  );

const facts = (load: Load, windows: readonly Window[], asked = goal) => ({
  session: { goal: asked, load },
  reference: { windows },
});
const metricNow = (...given: Parameters<typeof facts>) => goalNow(facts(...given)).objective.metric;

describe('an objective of goodput', () => {
  it('decides as soon as calls come back within their limit', () => {
    expect(goalNow(facts('open', seconds(20)))).toBe(goal);
    expect(standInText(facts('open', seconds(20)))).toBeNull();
    expect(metricNow('open', [...seconds(20).slice(0, 1), ...seconds(500).slice(1)])).toBe('goodput');
  });

  it('is stood in for by throughput while calls come faster than they are served', () => {
    expect(metricNow('open', seconds(2000, 40))).toBe('throughput');
    expect(standInText(facts('open', seconds(2000, 40)))).toMatch(/hardly a call .* within 50\.0 ms.*served a second/);
  });

  it('is stood in for by throughput where callers wait for each other, and by the mean latency where calls only take too long', () => {
    expect(metricNow('closed', seconds(500))).toBe('throughput');
    expect(metricNow('open', seconds(500))).toBe('mean');
    expect(goalNow(facts('open', seconds(500))).objective.direction).toBe('minimize');
  });

  it('leaves the guardrails as they are, and other objectives', () => {
    expect(goalNow(facts('closed', seconds(500))).guardrails).toBe(goal.guardrails);
    const cpu = parseGoal({ minimize: 'cpu' });
    expect(goalNow(facts('open', seconds(2000, 40), cpu))).toBe(cpu);
  });

  /** Windows of a second of a closed loop in which so many of all calls are within the limit. */
  const some = (goods: readonly number[], all = 10_000) =>
    goods.map((good, i) =>
      emptyWindow({
        startMs: 1000 * i,
        endMs: 1000 * (i + 1),
        offered: all,
        outcomes: { ...ok, ok: all },
        latency: mergeDistributions([took(20, good), took(500, all - good)]),
      }),
    );
  const alike = (good: number) => Array.from({ length: 10 }, (_, i) => good + (i % 3) - 1);
  const after = (stoodIn: boolean, windows: readonly Window[]) =>
    goalNow({ session: { goal, load: 'closed' }, reference: { windows, stoodIn } }).objective.metric;

  it('decides also by a small share, where that is many calls', () => {
    expect(metricNow('closed', some(alike(400)))).toBe('goodput');
    expect(metricNow('closed', some(alike(60)))).toBe('throughput');
    expect(metricNow('closed', some(alike(60), 1000))).toBe('goodput');
  });

  it('is stood in for where those many came in a few windows, as a queue was short for a moment', () => {
    expect(metricNow('closed', some([4000, 0, 0, 0, 0, 0, 0, 0, 0, 0]))).toBe('throughput');
  });

  it('decides again from twice as many calls on as it is given up at, whether by share or number', () => {
    expect([130, 230].map((good) => after(true, some(alike(good))))).toEqual(['throughput', 'goodput']);
    expect([130, 230].map((good) => after(false, some(alike(good))))).toEqual(['goodput', 'goodput']);
    expect([70, 130].map((good) => after(true, some(alike(good), 1000)))).toEqual(['throughput', 'goodput']);
    expect(after(false, some(alike(70), 1000))).toBe('goodput');
  });

  it('is waited for where there is no reference, or no latency is known', () => {
    expect(metricNow('open', [])).toBe('goodput');
    expect(metricNow('open', [emptyWindow({ outcomes: { ...ok, ok: 10 } })])).toBe('goodput');
  });
});

it.each([1, 2, 4])(
  'a service that keeps its limit for no call at first is tuned by what leads there, and then by its goodput, in world %i',
  async (seed) => {
    const late = worldNamed('batching-late');
    const world = makeWorld(late, seed);
    const { surroundings, timers } = manualTime(world);
    await using tuner = tune(world.executor, { mode: 'auto', stateDir: ':memory:', ...late.goal, seed, surroundings });
    const said: string[] = [];
    tuner.watch((entry) => {
      if (entry.kind === 'record' && entry.record.kind === 'phase') said.push(entry.record.reason);
    });
    await timers.sleep(90_000);
    const [first] = tuner.history.trials.filter(({ purpose, decision }) => purpose === 'candidate' && decision);
    expect(first?.decision?.decision).toBe('commit');
    expect(first?.design.goal.objective.metric).toBe('throughput');
    expect(world.truth(tuner.anchor, 0).p99Ms).toBeLessThan(50);
    expect(said.filter((one) => one.includes('goodput'))).toEqual([
      expect.stringMatching(/hardly a call/),
      'goodput can be judged now, and decides again',
    ]);
  },
);

/** Builders of windows and designs, for tests of single rules. */

import { latencies, lognormal, withTail } from '../../../bench/worlds/latency.ts';
import { worldDesign } from '../../../bench/worlds/run-trial.ts';
import { emptyWindow } from '../../../bench/worlds/window.ts';
import type { Distribution, Measured, Outcome, Window } from '../../../src/contracts.ts';
import { emptyDistribution } from '../../../src/measure/distribution.ts';
import type { TrialDesign } from '../../../tuner/entries/entries.ts';
import { parseGoal } from '../../../tuner/goal.ts';
import { orderOf, rampWindows } from '../../../tuner/trial/schedule.ts';

export interface Sketch {
  readonly ok?: number;
  readonly others?: Partial<Record<Outcome, number>>;
  readonly meanMs?: number;
  readonly tailFactor?: number;
  readonly startMs?: number;
  readonly forMs?: number;
  readonly steady?: boolean;
  readonly settings?: Window['settings'];
  readonly backlog?: number | readonly [number, number];
  readonly offered?: number;
  readonly cpuMs?: number;
  /** Ages of the calls in flight at the end of the window. */
  readonly unfinished?: Distribution;
  readonly functions?: Readonly<Record<string, number>>;
}

/** A window of one second with 1,000 ok calls of 10 ms in a closed loop of 8, changed as the sketch says. */
export function windowOf(sketch: Sketch = {}): Window {
  const {
    ok = 1000,
    others = {},
    meanMs = 10,
    tailFactor = 1,
    startMs = 0,
    forMs = 1000,
    backlog = 8,
    functions,
  } = sketch;
  const outcomes = { ok, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0, ...others };
  const settled = Object.values(outcomes).reduce((sum, one) => sum + one, 0);
  const [backlogAtStart, backlogAtEnd] = typeof backlog === 'number' ? [backlog, backlog] : backlog;
  const latency = latencies(ok, { meanMs, shape: withTail(lognormal, tailFactor) });
  const byFunction = Object.fromEntries(
    Object.entries(functions ?? { work: ok }).map(([name, calls]) => [
      name,
      { outcomes: { ...outcomes, ok: calls }, latency, wait: latency, service: latency, start: emptyDistribution },
    ]),
  );
  return emptyWindow({
    steady: sketch.steady ?? true,
    settings: sketch.settings ?? { threads: 2 },
    startMs,
    endMs: startMs + forMs,
    offered: sketch.offered ?? settled + backlogAtEnd - backlogAtStart,
    outcomes,
    backlogAtStart,
    backlogAtEnd,
    wait: latency,
    service: latency,
    latency,
    unfinished: sketch.unfinished ?? emptyDistribution,
    byFunction,
    work: { batches: ok, batchedCalls: ok, batchMs: 0, executeMs: 0, busyFraction: 1, workerStarts: 0 },
    cpuMs: sketch.cpuMs ?? ok * 0.1,
  });
}

export function designOf(changes: Partial<TrialDesign> = {}, subjectTo: readonly string[] = []): TrialDesign {
  return {
    ...worldDesign,
    seed: 7,
    load: 'closed',
    sigmaD: 0.05,
    rampPairs: 0,
    goal: parseGoal({ maximize: 'throughput', subjectTo }),
    ...changes,
  };
}

/** The ramp and `count` pairs in the design's own order; `of` gives each arm's sketch by the index of the pair. */
export function measuredPairs(
  design: TrialDesign,
  count: number,
  of: (arm: Measured['arm'], pair: number) => Sketch,
): Measured[] {
  const seen: Measured[] = [];
  const add = (arm: Measured['arm'], pair: number) => {
    const settings = { threads: arm === 'candidate' && design.purpose !== 'a/a' ? 4 : 2 };
    seen.push({ arm, window: windowOf({ settings, ...of(arm, pair), startMs: seen.length * 1000 }) });
  };
  for (let i = 0; i < rampWindows(design); i += 2) {
    add('baseline', -1);
    add('candidate', -1);
  }
  for (let pair = 0; pair < count; pair++) {
    const [first, second] =
      orderOf(design, pair) === 'AB' ? (['baseline', 'candidate'] as const) : (['candidate', 'baseline'] as const);
    add(first, pair);
    add(second, pair);
  }
  return seen;
}

/**
 * Observing: windows at the setting in force until they are many and quiet enough to be a
 * reference; then the a/a trial once, then a choice. Watching is what mode `observe` does for ever.
 */
import type { Window } from '../../src/contracts.ts';
import type { TunerRecord } from '../entries/entries.ts';
import { mean, sampleDeviation } from '../statistics.ts';
import { inferLoad } from '../trial/infer-load.ts';
import { objectiveOf } from '../trial/metric.ts';
import { loadChanged, stability } from '../trial/stability.ts';
import { beginNoise } from './begin-trial.ts';
import { choose } from './choose.ts';
import { isUsable, measure, remember, watchMs } from './measure.ts';
import type { State, Step } from './state.ts';

/** Windows seen after a commit before the next choice. */
const freshAfterCommit = 4;

/** Collects a reference, going on from the windows it has. */
export function observe(state: State, records: readonly TunerRecord[] = []): Step {
  return {
    state: { ...state, phase: { kind: 'observing', taken: 0 } },
    records,
    action: measure(state, state.current),
  };
}

/** The same after a commit: windows of the trial that led to it count, a few fresh ones are added. */
export function observeFrom(state: State, windows: readonly Window[], records: readonly TunerRecord[]): Step {
  const { baselineWindows } = state.session.options;
  const fresh = Math.min(baselineWindows, freshAfterCommit);
  return {
    state: {
      ...state,
      phase: { kind: 'settling', then: 'observe' },
      baseline: fresh === baselineWindows ? [] : windows.slice(-(baselineWindows - fresh)),
    },
    records,
    action: { kind: 'settle', settings: state.current },
  };
}

export function observed(state: State, taken: number, window: Window, atMs: number): Step {
  const { options, goal } = state.session;
  const next: State = {
    ...state,
    phase: { kind: 'observing', taken: taken + 1 },
    baseline: isUsable(window) ? [...state.baseline, window].slice(-options.baselineWindows) : state.baseline,
    seen: remember(state.seen, window),
  };
  const goOn: Step = { state: next, records: [], action: measure(next, next.current) };
  if (next.baseline.length < options.baselineWindows) return goOn;
  const quiet = stability(next.baseline, goal.objective);
  // A user's proposal may be tried on an unquiet system; a prediction may not.
  const impatient = next.queue.length > 0 && taken + 1 >= options.baselineWindows;
  if (!quiet.stable && !impatient) {
    const report = (taken + 1) % options.baselineWindows === 0;
    return {
      ...goOn,
      records: report
        ? [{ kind: 'not-tried', code: 'not-stable', settings: null, because: `not stable yet: ${quiet.because}` }]
        : [],
    };
  }
  const changed = loadChanged(state.session.load, state.reference, next.baseline);
  const settled: State = {
    ...next,
    sigmaD: quiet.sigmaD,
    reference: next.baseline,
    // What was seen under another load predicts nothing about this one.
    seen: changed ? next.baseline : next.seen,
  };
  const records = [baselineRecord(settled)];
  if (options.mode === 'observe') {
    return {
      state: { ...settled, phase: { kind: 'watching' } },
      records,
      action: measure(settled, settled.current, { forMs: watchMs }),
    };
  }
  if (state.noiseFloor === null && options.noisePairs > 0 && options.mode !== 'advise')
    return beginNoise(settled, atMs, records);
  return choose(settled, atMs, records);
}

/** Mode `observe`: nothing is decided, windows are kept. */
export function watched(state: State, window: Window): Step {
  const next = { ...state, seen: remember(state.seen, window) };
  return { state: next, records: [], action: measure(next, next.current, { forMs: watchMs }) };
}

function baselineRecord(state: State): TunerRecord {
  const { goal, load } = state.session;
  const values = state.baseline.map((window) => objectiveOf(goal.objective, window)).filter((value) => value !== null);
  const estimate = mean(values);
  const halfWidth = (2.58 * sampleDeviation(values)) / Math.sqrt(values.length);
  return {
    kind: 'baseline',
    settings: state.current,
    windows: values.length,
    metric: { estimate, low: estimate - halfWidth, high: estimate + halfWidth, level: 0.99 },
    sigmaD: state.sigmaD,
    load: load ?? inferLoad(state.baseline),
    loadSource: load === null ? 'inferred' : 'declared',
  };
}

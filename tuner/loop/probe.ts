/**
 * A probe: a few windows at a setting a model needs to see, between windows at the setting in
 * force. Exposure is capped at three windows, and ends at once when the setting proves harmful.
 */

import type { Measured, Settings, Window } from '../../src/contracts.ts';
import type { TunerRecord } from '../entries/entries.ts';
import { mean } from '../statistics.ts';
import { objectiveOf } from '../trial/metric.ts';
import { drainMs, measure, remember } from './measure.ts';
import { ruleOut } from './rule-out.ts';
import type { State, Step } from './state.ts';

const order = ['candidate', 'baseline', 'candidate', 'baseline', 'candidate'] as const;
/** A probe at less than this share of the baseline is left at once. */
const harmfulShare = 0.5;

export function beginProbe(state: State, settings: Settings, learns: string, records: readonly TunerRecord[]): Step {
  return {
    state: { ...state, phase: { kind: 'probing', settings, seen: [] }, probes: state.probes + 1 },
    records: [...records, { kind: 'probe', settings, learns }, { kind: 'intent', settings, purpose: 'probe' }],
    action: { kind: 'warm', a: state.current, b: settings },
  };
}

export function probed(state: State, settings: Settings, seen: readonly Measured[], atMs: number): Step {
  const last = seen.at(-1);
  const remembered: State = last ? { ...state, seen: remember(state.seen, last.window) } : state;
  const harmful = last?.arm === 'candidate' && isHarmful(state, last.window);
  const arm = order[seen.length];
  if (arm === undefined || harmful) {
    const settled: State = {
      ...(harmful ? ruleOut(remembered, settings, atMs, 1) : remembered),
      phase: { kind: 'settling', then: 'choose' },
    };
    return { state: settled, records: [], action: { kind: 'settle', settings: state.current } };
  }
  const { windowMs } = state.session.options;
  const discardMs = Math.min(
    windowMs,
    Math.max(0.1 * windowMs, last ? drainMs([last.window]) : drainMs(state.baseline.slice(-4))),
  );
  return {
    state: { ...remembered, phase: { kind: 'probing', settings, seen } },
    records: [],
    action: measure(state, arm === 'candidate' ? settings : state.current, { arm, discardMs }),
  };
}

function isHarmful(state: State, window: Window): boolean {
  const { objective } = state.session.goal;
  const value = objectiveOf(objective, window);
  const before = state.baseline.map((one) => objectiveOf(objective, one)).filter((one) => one !== null);
  if (value === null || before.length === 0) return true;
  const usual = mean(before);
  const ratio = objective.direction === 'maximize' ? value / usual : usual / value;
  return ratio < harmfulShare;
}

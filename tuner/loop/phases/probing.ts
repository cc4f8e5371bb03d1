/**
 * A probe: a few windows at a setting that a model needs to see, in between windows at the setting in
 * force. The probe has three windows at most, and ends after the first harmful one.
 */
import type { Window } from '../../../src/contracts.ts';
import { drainMs } from '../../trial/design.ts';
import { objectiveOf } from '../../trial/metric.ts';
import { mean } from '../../trial/statistics.ts';
import type { EnteringOf, PhaseOf, State, Step } from '../state.ts';
import type { Handled, PhaseEvent, StepBuilder } from '../step.ts';

const order = ['candidate', 'baseline', 'candidate', 'baseline', 'candidate'] as const;
/** A window of the probe below this share of the baseline is harmful. */
const harmfulShare = 0.5;

export function enter(step: StepBuilder, { settings, learns }: EnteringOf<'probing'>): Step {
  const { current, probes } = step.state;
  step.change({ probes: probes + 1 });
  step.record({ kind: 'probe', settings, learns }, { kind: 'intent', settings, purpose: 'probe' });
  return step.warm({ kind: 'probing', settings, windows: [] }, { baseline: current, candidate: settings });
}

export function on(step: StepBuilder, { settings, windows }: PhaseOf<'probing'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.giveUp(event);
  const measured = event.kind === 'measured' ? event : null;
  if (measured) step.remember(measured);
  if (measured?.arm === 'candidate' && isHarmful(step.state, measured.window)) {
    step.ruleOut(settings, 1);
    return { enter: 'choosing' };
  }
  const seen = measured ? [...windows, measured.window] : windows;
  const arm = order[seen.length];
  if (arm === undefined) return { enter: 'choosing' };
  const { session, current, reference } = step.state;
  const { windowMs } = session.options;
  const draining = drainMs(measured ? [measured.window] : reference.windows.slice(-4));
  return step.measure({ kind: 'probing', settings, windows: seen }, arm === 'candidate' ? settings : current, {
    arm,
    discardMs: Math.min(windowMs, Math.max(0.1 * windowMs, draining)),
  });
}

function isHarmful({ session, reference }: State, window: Window): boolean {
  const { objective } = session.goal;
  const value = objectiveOf(objective, window);
  const before = reference.windows.flatMap((one) => objectiveOf(objective, one) ?? []);
  if (value === null || before.length === 0) return true;
  const usual = mean(before);
  const ratio = objective.direction === 'maximize' ? value / usual : usual / value;
  return ratio < harmfulShare;
}

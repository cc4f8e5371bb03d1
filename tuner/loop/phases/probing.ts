/**
 * A probe: a few windows at a setting that a model needs to see, in between windows at the setting in
 * force. The probe has three windows at most, and ends after the first harmful one; one of a search also as
 * soon as it is plainly no better than what is known. A window that breaks a guardrail counts as harm.
 */
import type { Measured, Probe, Settings, Window } from '../../../src/contracts.ts';
import { sameSettings } from '../../entries/settings.ts';
import { type Beside, harmedMsOf, keepsGuardrails, visitOf, withVisit } from '../../predict/search/visit.ts';
import { drainMs } from '../../trial/design.ts';
import { objectiveOf } from '../../trial/metric.ts';
import { mean } from '../../trial/statistics.ts';
import type { EnteringOf, PhaseOf, State, Step } from '../state.ts';
import type { Handled, PhaseEvent, StepBuilder } from '../step.ts';

/** Windows of a probe at its setting, with one at the setting in force between two of them. */
const mostWindows = 3;
/** A window of the probe below this share of the baseline is harmful. */
const harmfulShare = 0.5;
/** Standard deviations below what a probe is to beat at which it is plainly no better. */
const plainSds = 1.5;
/** Windows in force that a probe is held against, besides its own. */
const besideWindows = 8;
/** After so many windows elsewhere, one at the setting in force comes first. */
const mostApart = 3;

export function enter(step: StepBuilder, { probe }: EnteringOf<'probing'>): Step {
  const { current, probes, harmedMs } = step.state;
  const { probe: settings, learns } = probe;
  // A search is bounded by what its probes harm, and leaves models theirs.
  if (probe.toBeat === undefined) step.change({ probes: probes + 1 });
  step.record({ kind: 'probe', settings, learns, harmedMs }, { kind: 'intent', settings, purpose: 'probe' });
  return step.warm({ kind: 'probing', probe, windows: [] }, { baseline: current, candidate: settings });
}

export function on(step: StepBuilder, phase: PhaseOf<'probing'>, event: PhaseEvent): Handled {
  const { probe } = phase;
  if (event.kind === 'failed') {
    note(step, probe.probe, phase.windows);
    return step.giveUp(event);
  }
  const measured = event.kind === 'measured' ? event : null;
  const windows = measured ? [...phase.windows, { arm: measured.arm, window: measured.window }] : phase.windows;
  if (measured) step.remember(measured);
  const isHarmed = measured?.arm === 'candidate' && isHarmful(step.state, measured.window);
  if (isHarmed) step.ruleOut(probe.probe, 1);
  if (isHarmed || isOver(windows) || isBroken(step.state, windows) || isPlain(step.state, probe, windows)) {
    note(step, probe.probe, windows);
    return { enter: 'choosing' };
  }
  const { session, current, reference } = step.state;
  const { windowMs } = session.options;
  const arm = nextArm(step.state, windows);
  const draining = drainMs(measured ? [measured.window] : reference.windows.slice(-4));
  return step.measure({ kind: 'probing', probe, windows }, arm === 'candidate' ? probe.probe : current, {
    arm,
    discardMs: Math.min(windowMs, Math.max(0.1 * windowMs, draining)),
  });
}

/** In turns, from the probe's own setting on; the other way round where the one in force was not seen for long. */
function nextArm({ seen, current }: State, windows: readonly Measured[]): Measured['arm'] {
  if (windows.length > 0) return windows.at(-1)?.arm === 'candidate' ? 'baseline' : 'candidate';
  const newest = seen.slice(-mostApart);
  return newest.some((window) => sameSettings(window.settings, current)) ? 'candidate' : 'baseline';
}

function isOver(windows: readonly Measured[]): boolean {
  return windows.filter(({ arm }) => arm === 'candidate').length >= mostWindows;
}

/** True once a probe of a search is plainly no better than what it is to beat. */
function isPlain(state: State, { probe, toBeat }: Probe, windows: readonly Measured[]): boolean {
  if (toBeat === undefined || windows.at(-1)?.arm !== 'candidate') return false;
  const visit = visitOf(probe, windows, besideOf(state, windows));
  return visit !== null && visit.gain + plainSds * visit.sd < toBeat;
}

/** True once the newest window of the probe plainly keeps no guardrail that those in force keep. */
function isBroken(state: State, windows: readonly Measured[]): boolean {
  const newest = windows.at(-1);
  return newest?.arm === 'candidate' && !keepsGuardrails(newest.window, windows, besideOf(state, windows));
}

/** Keeps what the probe found, and what it cost. */
function note(step: StepBuilder, settings: Settings, windows: readonly Measured[]): void {
  const { visits, harmedMs } = step.state;
  if (windows.length === 0) return;
  const beside = besideOf(step.state, windows);
  const visit = visitOf(settings, windows, beside);
  step.change({ harmedMs: harmedMs + harmedMsOf(windows, beside), ...(visit && { visits: withVisit(visits, visit) }) });
}

function besideOf({ session, current, seen, reference }: State, windows: readonly Measured[]): Beside {
  const sinceMs = windows[0]?.window.startMs ?? Infinity;
  return {
    goal: session.goal,
    from: current,
    before: seen.filter((one) => one.startMs < sinceMs && sameSettings(one.settings, current)).slice(-besideWindows),
    sigmaD: reference.sigmaD,
  };
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

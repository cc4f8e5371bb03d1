/**
 * A probe: a few windows at a setting that a model needs to see, in between windows at the setting in
 * force. The probe has three windows at most, and ends after the first harmful one; one of a search also as
 * soon as it is plainly no better than what is known, one of a model as soon as it is plainly better or worse than what
 * is in force. A window that breaks a guardrail counts as harm.
 *
 * What a probe lost may be what its change costs. Where that of a knob is not known yet, windows back at the setting in
 * force tell (change-cost.ts): if they are below its level as well, the probe begins anew, and waits as long; one of a tour
 * looks back in any case, and does not begin anew. Each change is charged with what it is known to lose.
 */
import type { Measured, Probe, Settings, Window } from '../../../src/contracts.ts';
import { durationText } from '../../../src/foundation/units.ts';
import { sameSettings } from '../../entries/settings.ts';
import { mostProbeWindows } from '../../predict/search/harm.ts';
import { overTour } from '../../predict/search/tour.ts';
import { type Beside, harmedMsOf, keepsGuardrails, visitOf } from '../../predict/search/visit.ts';
import { costSeen, lossOf, unknownCosts, washOf } from '../../trial/change-cost.ts';
import { drainMs, loadOf } from '../../trial/design.ts';
import { goalNow } from '../../trial/goal-now.ts';
import { objectiveOf } from '../../trial/metric.ts';
import { isOverloaded } from '../../trial/overload.ts';
import { mean } from '../../trial/statistics.ts';
import type { EnteringOf, PhaseOf, State, Step } from '../state.ts';
import type { Handled, MeasuredEvent, PhaseEvent, StepBuilder } from '../step.ts';
import { found } from '../visits.ts';

/** A window of the probe below this share of the baseline is harmful. */
const harmfulShare = 0.5;
/** Standard deviations below what a probe is to beat at which it is plainly no better. */
const plainSds = 1.5;
/** Standard deviations, and a log gain or loss, from which on a model needs to see no more of a setting. */
const settled = { sds: 4, least: 0.25 } as const;
/** What a value that did not come into force counts for: it is ruled out for twice as long as its knob rests. */
const failuresOfKnob = 2;
/** Windows in force that a probe is held against, besides its own. */
const besideWindows = 8;
/** Windows back at the setting in force, of which the level is not there yet. */
const mostBack = 48;
/** After so many windows elsewhere, one at the setting in force comes first: of a search, where a few per cent decide, and of a model. */
const mostApart = { search: 3, model: 8 } as const;

export function enter(step: StepBuilder, { probe }: EnteringOf<'probing'>): Step {
  const { current, harmedMs, tour } = step.state;
  const { probe: settings, learns } = probe;
  const tourBeganAtMs = probe.tour && tour ? { tourBeganAtMs: tour.beganAtMs } : {};
  step.record(
    { kind: 'probe', settings, learns, harmedMs, ...tourBeganAtMs },
    { kind: 'intent', settings, purpose: 'probe' },
  );
  return step.warm({ kind: 'probing', probe, windows: [] }, { baseline: current, candidate: settings });
}

export function on(step: StepBuilder, phase: PhaseOf<'probing'>, event: PhaseEvent): Handled {
  const { probe } = phase;
  if (event.kind === 'failed') {
    note(step, probe, phase.windows);
    // Of a knob that falls short of a value, what lies as far or farther that way would only let it rest again.
    if (event.knobs) {
      const why = { harmedFrom: step.state.current };
      step.record({ kind: 'back-off', ...step.ruleOut(probe.probe, failuresOfKnob, why) });
    }
    return step.giveUp(event);
  }
  const measured = event.kind === 'measured' ? event : null;
  if (phase.back && measured) return onBack(step, probe, phase.windows, phase.back, measured);
  const windows = measured ? [...phase.windows, { arm: measured.arm, window: measured.window }] : phase.windows;
  if (measured) step.remember(measured);
  const isHarmed = measured?.arm === 'candidate' && isHarmful(step.state, measured.window);
  if (isHarmed || isOver(windows) || isBroken(step.state, windows) || isPlain(step.state, probe, windows))
    return asksBack(step.state, probe, windows)
      ? measureBack(step, { probe, windows, back: { windows: [], isHarmed } })
      : conclude(step, probe, windows, isHarmed);
  const { session, current, reference, changeCosts } = step.state;
  const { windowMs } = session.options;
  const arm = nextArm(step.state, probe, windows);
  const stays = windows.at(-1)?.arm === arm;
  const draining = drainMs(measured ? [measured.window] : reference.windows.slice(-4));
  return step.measure({ kind: 'probing', probe, windows }, arm === 'candidate' ? probe.probe : current, {
    arm,
    discardMs: stays
      ? 0
      : Math.max(washOf(changeCosts, current, probe.probe), Math.min(windowMs, Math.max(0.1 * windowMs, draining))),
  });
}

function conclude(step: StepBuilder, probe: Probe, windows: readonly Measured[], isHarmed: boolean): Handled {
  if (isHarmed) step.ruleOut(probe.probe, 1);
  note(step, probe, windows);
  return { enter: 'choosing' };
}

/** True where nobody knows whether a change of its knobs loses by itself, and the probe lost or is a look of a tour. */
function asksBack(
  { changeCosts, current, ...state }: State,
  { probe, tour }: Probe,
  windows: readonly Measured[],
): boolean {
  if (unknownCosts(changeCosts, current, probe).length === 0) return false;
  if (tour) return true;
  const visit = visitOf(probe, windows, besideOf({ changeCosts, current, ...state }, windows));
  return visit !== null && visit.gain < -plainSds * visit.sd;
}

type Back = NonNullable<PhaseOf<'probing'>['back']>;

function measureBack(step: StepBuilder, phase: Pick<PhaseOf<'probing'>, 'probe' | 'windows' | 'back'>): Step {
  return step.measure({ kind: 'probing', ...phase }, step.state.current);
}

/** One more window back at the setting in force. */
function onBack(
  step: StepBuilder,
  probe: Probe,
  windows: readonly Measured[],
  back: Back,
  { window }: MeasuredEvent,
): Handled {
  const { current, changeCosts, reference } = step.state;
  const { before, sigmaD } = besideOf(step.state, windows);
  const seen = [...back.windows, window];
  // Windows have a clock of their own: the change was where the first of them began.
  const changedAtMs = seen[0]?.startMs ?? window.startMs;
  const usual = before.length > 0 ? before : reference.windows;
  const cost = costSeen(usual, seen, changedAtMs, { objective: goalNow(step.state).objective, sigmaD });
  if (cost === null && seen.length < mostBack)
    return measureBack(step, { probe, windows, back: { ...back, windows: seen } });
  const isElsewhere = cost === null || cost === 'another level';
  const known = isElsewhere ? { washMs: 0, lostMs: 0 } : cost;
  const learnt = unknownCosts(changeCosts, current, probe.probe).map((id) => [id, known] as const);
  step.change({ changeCosts: { ...changeCosts, ...Object.fromEntries(learnt) } });
  const beganMs = (windows[0]?.window ?? window).startMs;
  // Calls were missing from the first change on, and for no longer than until they were back.
  const missedMs = window.startMs - beganMs + step.state.session.options.windowMs;
  if (isElsewhere && probe.tour) {
    const { tour } = step.state;
    step.change({ tour: tour && overTour(tour) });
    step.tell(found(step.state, step, null, { harmedMs: missedMs }));
    return { enter: 'choosing' };
  }
  if (known.washMs === 0) return conclude(step, probe, windows, back.isHarmed);
  // What was measured since the change held what it loses, and says nothing of either setting.
  step.change({ seen: step.state.seen.filter(({ startMs }) => startMs < beganMs) });
  const harmedMs = Math.min(missedMs, changesIn(windows) * known.lostMs);
  step.tell(found(step.state, step, null, { harmedMs }));
  if (probe.tour) return { enter: 'choosing' };
  const costs = `a change of ${learnt.map(([id]) => id).join(', ')} loses ${durationText(known.lostMs)} of calls within ${durationText(known.washMs)}`;
  return {
    enter: 'probing',
    probe: { ...probe, learns: `${probe.learns}, once more, since ${costs}, which is now waited out` },
  };
}

/**
 * In turns, from the probe's own setting on, in a search, where a few per cent decide where it goes; one of a model, of
 * which more is expected, stays. The one in force comes first where it was not seen for long.
 */
function nextArm({ seen, current }: State, { toBeat }: Probe, windows: readonly Measured[]): Measured['arm'] {
  const last = windows.at(-1);
  if (last) return last.arm === 'candidate' && toBeat !== undefined ? 'baseline' : 'candidate';
  const newest = seen.slice(-(toBeat === undefined ? mostApart.model : mostApart.search));
  return newest.some((window) => sameSettings(window.settings, current)) ? 'candidate' : 'baseline';
}

function isOver(windows: readonly Measured[]): boolean {
  return windows.filter(({ arm }) => arm === 'candidate').length >= mostProbeWindows;
}

/** True once a probe of a search is plainly no better than what it is to beat, or one of a model as plain as may be. */
function isPlain(state: State, { probe, toBeat }: Probe, windows: readonly Measured[]): boolean {
  if (windows.at(-1)?.arm !== 'candidate') return false;
  const visit = visitOf(probe, windows, besideOf(state, windows));
  if (visit === null) return false;
  if (toBeat !== undefined) return visit.gain + plainSds * visit.sd < toBeat;
  // Where a knob is followed as far as it gains, what counts is the gain over the step before.
  const others = state.visits.flatMap(({ from, gain }) => (sameSettings(from, state.current) ? [gain] : []));
  const apart = Math.min(...[0, ...others].map((gain) => Math.abs(visit.gain - gain)));
  return apart >= Math.max(settled.least, settled.sds * visit.sd);
}

/** True once the newest window of the probe plainly keeps no guardrail that those in force keep. */
function isBroken(state: State, windows: readonly Measured[]): boolean {
  const newest = windows.at(-1);
  return newest?.arm === 'candidate' && !keepsGuardrails(newest.window, windows, besideOf(state, windows));
}

/** Keeps what the probe found, and what it cost. Of those of a model the ones that gained nothing are counted. */
function note(step: StepBuilder, { probe: settings, toBeat }: Probe, windows: readonly Measured[]): void {
  const { probes, session } = step.state;
  const beside = besideOf(step.state, windows);
  const visit = visitOf(settings, windows, beside);
  // A search is bounded by what its probes harm, and leaves models theirs.
  const gained = visit !== null && visit.gain > Math.log1p(session.options.minGain);
  if (toBeat === undefined && !gained) step.change({ probes: probes + 1 });
  const harmedMs = harmedMsOf(windows, beside) + changedMs(step.state, settings, windows);
  step.tell(found(step.state, step, visit, { harmedMs }));
}

/** What ends a probe before its window is over: the window told nothing, and counts as harmed. */
export function cutShort(step: StepBuilder): void {
  const { phase, session } = step.state;
  if (phase.kind !== 'probing') return;
  const { probe, windows } = phase;
  const isElsewhere = !phase.back && nextArm(step.state, probe, windows) === 'candidate';
  const harmedMs =
    harmedMsOf(windows, besideOf(step.state, windows)) +
    changedMs(step.state, probe.probe, windows) +
    (isElsewhere ? session.options.windowMs : 0);
  step.tell(found(step.state, step, null, { harmedMs }));
}

/** Calls that the changes of a probe lose, there and back, as time: they are waited out, so that no window shows them. */
function changedMs({ changeCosts, current }: State, settings: Settings, windows: readonly Measured[]): number {
  return changesIn(windows) * lossOf(changeCosts, current, settings);
}

/** Changes of the setting in a probe, the first and the one back included. */
function changesIn(windows: readonly Measured[]): number {
  const arms = ['baseline', ...windows.map(({ arm }) => arm), 'baseline'];
  return arms.filter((arm, i) => i > 0 && arm !== arms[i - 1]).length;
}

function besideOf({ session, current, seen, reference }: State, windows: readonly Measured[]): Beside {
  const sinceMs = windows[0]?.window.startMs ?? Infinity;
  return {
    goal: goalNow({ session, reference }),
    from: current,
    before: seen.filter((one) => one.startMs < sinceMs && sameSettings(one.settings, current)).slice(-besideWindows),
    sigmaD: reference.sigmaD,
    overloaded: isOverloaded(loadOf({ session, reference }), reference.windows),
  };
}

function isHarmful({ session, reference }: State, window: Window): boolean {
  const { objective } = goalNow({ session, reference });
  const value = objectiveOf(objective, window);
  const before = reference.windows.flatMap((one) => objectiveOf(objective, one) ?? []);
  if (value === null || before.length === 0) return true;
  const usual = mean(before);
  const ratio = objective.direction === 'maximize' ? value / usual : usual / value;
  return ratio < harmfulShare;
}

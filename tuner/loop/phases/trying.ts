/**
 * The trial of a candidate. Its statistics are in ../../trial; here its verdict becomes a decision: the
 * candidate is kept, asked about, or reverted.
 */
import type { Settings } from '../../../src/contracts.ts';
import type { TrialResult } from '../../entries/entries.ts';
import { changes, sameSettings } from '../../entries/settings.ts';
import { triggers } from '../../entries/triggers.ts';
import { scoreOfRecord } from '../../predict/calibrate.ts';
import { visitOfTrial } from '../../predict/search/visit.ts';
import { withinDay } from '../../trial/budget.ts';
import { eased } from '../../trial/change-cost.ts';
import type { Aim } from '../../trial/design.ts';
import { costOfFlips, losesNothing } from '../../trial/flip-cost.ts';
import { type Run, scoreOf, troubleIn } from '../../trial/run.ts';
import { rampWindows } from '../../trial/schedule.ts';
import { levelWhileSwitched, lossByStaying } from '../../trial/stays.ts';
import { lostLately } from '../audits.ts';
import { leaveForDefault } from '../leaving.ts';
import { afterAlone, levelAfter } from '../since-change.ts';
import type { EnteringOf, PhaseOf, State, Step } from '../state.ts';
import { type Handled, type MeasuredEvent, type PhaseEvent, type StepBuilder, watchMs } from '../step.ts';
import { found } from '../visits.ts';

export function enter(step: StepBuilder, { settings, by, predicted, reason }: EnteringOf<'trying'>): Step {
  const { current, spent, nextTrial } = step.state;
  step.record({ kind: 'sealed', trial: nextTrial, by, from: current, settings, predicted, reason });
  const aim: Aim = {
    purpose: 'candidate',
    ...(by === 'audit' && { audit: true }),
    isKnown: hasGained(step.state, settings),
    ...(predicted && { predicted: predicted.gain.estimate }),
  };
  const run = step.begin(aim, current, settings);
  step.record({ kind: 'intent', settings, purpose: 'trial' });
  if (!run.design.audit)
    step.change({ spent: [...withinDay(spent, step.nowMs), { atMs: step.nowMs, alpha: run.design.commitAlpha }] });
  return step.warm({ kind: 'trying', run, predicted, alone: null }, run);
}

export function on(step: StepBuilder, phase: PhaseOf<'trying'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.revertFailed(phase.run, event);
  const measured = event.kind === 'measured' ? event : null;
  if (measured && phase.alone) return leftAlone(step, phase, phase.alone, measured);
  const { reference, session } = step.state;
  const { run, next } = step.advance(phase.run, measured);
  const trouble = measured && troubleIn(run, measured, reference.windows, session.load);
  if (trouble) return step.revert(run, 'revert', trouble.trigger, trouble.reason);
  const loss = lossSeen(step, run);
  // A default that is proven in this very window is kept as one that is.
  const isProven = 'result' in next && triggers[next.result.trigger].keeps !== null;
  if (loss !== null && !isProven) return lost(step, run, loss);
  if ('measure' in next) return step.measureArm({ ...phase, run }, run, next);
  const { result } = next;
  if (triggers[result.trigger].keeps === null && isLookedInto(step, run, result))
    return measureAlone(step, { ...phase, run, alone: { result, windows: [] } });
  return decided(step, { ...phase, run }, result, null);
}

/** @param loss what the setting in force loses by staying; null: nothing is seen of it */
function decided(step: StepBuilder, phase: PhaseOf<'trying'>, result: TrialResult, loss: string | null): Handled {
  const { run } = phase;
  step.record({ kind: 'verdict', trial: run.trial, result });
  const score = scoreOf(phase.predicted, result);
  if (score) {
    step.record({ kind: 'score', trial: run.trial, ...score, atMs: step.atMs });
    step.change({ scores: [...step.state.scores, scoreOfRecord({ ...score, atMs: step.nowMs })] });
  }
  const visit = visitOfTrial(run, result);
  if (visit) step.tell(found(step.state, step, visit));
  learnCost(step, run);
  rememberSwitched(step, run);
  const { trigger, reason, verdict } = result;
  if (triggers[trigger].keeps === null) {
    const decision = verdict === 'equivalent' ? 'hold' : 'revert';
    const reverted = step.revert(run, decision, trigger, reason, loss !== null);
    if (triggers[trigger].again) askAgain(step, phase);
    return loss === null ? reverted : leaveForDefault(step, run, loss);
  }
  return step.state.session.options.mode === 'auto'
    ? step.keep(run, trigger, reason)
    : { enter: 'asking', run, trigger };
}

/**
 * Whether the default is left alone after its audit: pair by pair it is worse, and the level has sunk since it was left,
 * or what is guarded was kept then and is not now.
 */
function isLookedInto(step: StepBuilder, run: Run, { trigger }: TrialResult): boolean {
  const { audits, session } = step.state;
  if (!run.design.audit || session.options.mode !== 'auto') return false;
  const { blames, judgedBy } = triggers[trigger];
  return (audits.sunken !== null && blames) || (audits.trouble !== null && judgedBy !== null);
}

function leftAlone(
  step: StepBuilder,
  phase: PhaseOf<'trying'>,
  { result, windows: before }: NonNullable<PhaseOf<'trying'>['alone']>,
  measured: MeasuredEvent,
): Handled {
  const { run } = step.advance(phase.run, measured, true);
  const windows = [...before, measured.window];
  const found = afterAlone(step.state, windows, run);
  if (found === 'goes on') return measureAlone(step, { ...phase, run, alone: { result, windows } });
  // What it has not found came from outside.
  const { audits } = step.state;
  const known = found.loss === null ? levelAfter(audits.before, step.nowMs, windows) : null;
  step.change({ audits: { ...audits, before: known, trouble: null } });
  return decided(step, { ...phase, run, alone: null }, result, found.loss);
}

function measureAlone(step: StepBuilder, phase: PhaseOf<'trying'>): Step {
  return step.measure(phase, phase.run.candidate, { arm: 'candidate', forMs: watchMs });
}

/** What its flips say that a change of its knob costs: of several knobs, of which it is cannot be told. */
function learnCost(step: StepBuilder, { design, seen, baseline, candidate }: Run): void {
  const { changeCosts } = step.state;
  const [knob, ...others] = changes(baseline, candidate).map(([id]) => id);
  if (knob === undefined || others.length > 0) return;
  const measured = seen.slice(rampWindows(design));
  const cost = costOfFlips(measured, design.discardMs, design.goal.objective);
  const known = changeCosts[knob];
  // What was waited out already is no longer seen in the windows, but in what was thrown away.
  if (cost && (!known || cost.washMs > known.washMs)) step.change({ changeCosts: { ...changeCosts, [knob]: cost } });
  else if (known && known.washMs > 0 && losesNothing(measured, design.load))
    step.change({ changeCosts: { ...changeCosts, [knob]: eased(known) } });
}

/** It was visited from what is in force, and was better. */
function hasGained({ visits, current }: State, settings: Settings): boolean {
  const visit = visits.findLast((one) => sameSettings(one.settings, settings) && sameSettings(one.from, current));
  return visit !== undefined && visit.gain > visit.sd;
}

/** The trial may have met an outage: what a model proposed it proposes again, and the others are asked for here. */
function askAgain(step: StepBuilder, { run, predicted }: PhaseOf<'trying'>): void {
  const { audits, queue } = step.state;
  const reason = 'tried again, since what ended its trial may have been an outage';
  if (run.design.audit) step.change({ audits: { ...audits, misses: audits.misses - 1, asked: reason } });
  else if (predicted === null) step.change({ queue: [{ settings: run.candidate, reason }, ...queue] });
}

/** Both arms are far better than the reference: what its trial is designed by holds no longer, and the second time the setting is left. */
function lost(step: StepBuilder, run: Run, loss: string): Handled {
  const isAgain = lostLately(step.state.audits, step.nowMs);
  step.change({ audits: { ...step.state.audits, lostMs: step.nowMs } });
  rememberSwitched(step, run);
  const reverted = step.revert(run, 'revert', 'level changed', loss, isAgain);
  return isAgain ? leaveForDefault(step, run, `for the second time, ${loss}`) : reverted;
}

/** What the setting in force was in an audit after a fall: it may sink below that as soon as it stays again. */
function rememberSwitched(step: StepBuilder, { design, seen }: Run): void {
  const { audits, session } = step.state;
  if (!design.audit || !audits.fell || session.options.mode !== 'auto') return;
  const { objective } = design.goal;
  const level = levelWhileSwitched(seen, objective);
  step.change({ audits: { ...audits, switched: level === null ? null : { level, objective } } });
}

/** After a fall: what the setting in force was seen to lose where it stays. Somebody who is asked before each change is not passed by. */
function lossSeen({ state: { audits, reference, session } }: StepBuilder, run: Run): string | null {
  const asks = session.options.mode !== 'auto';
  return !run.design.audit || !audits.fell || asks
    ? null
    : lossByStaying(reference, run.seen, run.design.goal.objective);
}

/**
 * After a commit: most windows run the new setting, some pairs still visit the old anchor, until
 * fresh evidence says the new one is not worse than `revertAt`. Then it becomes the anchor.
 */
import { candidateCallsIn, type Run } from '../../trial/run.ts';
import type { EnteringOf, PhaseOf, Step } from '../state.ts';
import type { Handled, MeasuredEvent, PhaseEvent, StepBuilder } from '../step.ts';

export function enter(step: StepBuilder, { committed }: EnteringOf<'hold-back'>): Handled {
  const { baseline, candidate, candidateCalls } = committed;
  const run = step.begin({ purpose: 'hold-back' }, baseline, candidate, candidateCalls);
  // Both settings were let go while an answer was awaited; after a trial they are still warm.
  const warm = step.state.phase.kind !== 'asking';
  return warm ? advanced(step, run, null) : step.warm({ kind: 'hold-back', run, gap: 0 }, run);
}

export function on(step: StepBuilder, { run, gap }: PhaseOf<'hold-back'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.revertFailed(run, event);
  const measured = event.kind === 'measured' ? event : null;
  if (gap === 0 || !measured) return advanced(step, run, measured);
  const between = { ...run, candidateCalls: run.candidateCalls + candidateCallsIn(measured) };
  step.remember(measured);
  return gap > 1 ? pause(step, between, gap - 1) : advanced(step, between, null);
}

function advanced(step: StepBuilder, before: Run, measured: MeasuredEvent | null): Handled {
  const { run, next, newPairs } = step.advance(before, measured);
  if ('measure' in next) {
    const gap = newPairs.length > 0 ? gapWindows(step.state.session.options.holdBackFraction) : 0;
    return gap > 0 ? pause(step, run, gap) : step.measureArm({ kind: 'hold-back', run, gap: 0 }, run, next);
  }
  const { verdict, trigger, reason } = next.result;
  step.record({ kind: 'verdict', trial: run.trial, result: next.result });
  return verdict === 'better' || verdict === 'equivalent'
    ? step.makeAnchor(run, reason)
    : step.revert(run, 'revert', trigger, reason);
}

/** Windows at the new setting between two pairs, so that the anchor keeps `fraction` of all windows. */
function gapWindows(fraction: number): number {
  return Math.max(0, Math.round(1 / fraction) - 2);
}

function pause(step: StepBuilder, run: Run, gap: number): Step {
  return step.measure({ kind: 'hold-back', run, gap }, run.candidate, {
    arm: 'candidate',
    discardMs: run.design.discardMs,
  });
}

/** The end of a session, whatever ends it: what runs ends on the anchor, within one window. */
import type { SessionEnding } from '../../entries/entries.ts';
import type { PhaseOf, Step } from '../state.ts';
import type { Handled, PhaseEvent, StepBuilder } from '../step.ts';
import { cutShort } from './probing.ts';

export function enter(step: StepBuilder, trigger: SessionEnding, reason: string): Step {
  const { phase } = step.state;
  // An a/a trial has no candidate that could be reverted.
  if ('run' in phase && phase.kind !== 'noise') step.revert(phase.run, 'revert', trigger, reason);
  cutShort(step);
  step.change({ current: step.state.anchor, queue: [] });
  step.record({ kind: 'phase', phase: trigger, reason });
  if (step.state.mayChange) step.record({ kind: 'intent', settings: step.state.anchor, purpose: 'anchor' });
  return step.settle({ kind: 'ending' });
}

export function on(step: StepBuilder, _phase: PhaseOf<'ending'>, event: PhaseEvent): Handled {
  return event.kind === 'failed' ? step.giveUp(event) : step.end();
}

/** Stopped or switched off: whatever is under way ends on the anchor, within one window. */
import type { PhaseOf, Step } from '../state.ts';
import type { Handled, PhaseEvent, StepBuilder } from '../step.ts';

export function enter(step: StepBuilder, trigger: 'off' | 'stopped', because: string): Step {
  const { phase } = step.state;
  // An a/a trial tries nothing, so there is nothing to take back.
  if ('run' in phase && phase.kind !== 'noise') step.takeBack(phase.run, 'revert', trigger, because);
  step.change({ current: step.state.anchor, queue: [] });
  step.record({ kind: 'phase', phase: trigger, because });
  if (step.state.mayChange) step.record({ kind: 'intent', settings: step.state.anchor, purpose: 'anchor' });
  return step.settle({ kind: 'ending' });
}

export function on(step: StepBuilder, _phase: PhaseOf<'ending'>, event: PhaseEvent): Handled {
  return event.kind === 'failed' ? step.giveUp(event) : step.end();
}

/** Watching, in mode `observe` once there is a reference: windows go into the ledger, and a shift asks for a new reference. */
import { atRest } from '../shifts.ts';
import type { PhaseOf, Step } from '../state.ts';
import { type Handled, type PhaseEvent, type StepBuilder, watchMs } from '../step.ts';

export function enter(step: StepBuilder): Step {
  return step.measure({ kind: 'watching' }, step.state.current, { forMs: watchMs });
}

export function on(step: StepBuilder, _phase: PhaseOf<'watching'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') return step.giveUp(event);
  if (event.kind === 'measured') {
    step.adopt(event);
    step.remember(event);
    const shifted = atRest(step, event, step.nowMs);
    if (shifted) return shifted;
  }
  return enter(step);
}

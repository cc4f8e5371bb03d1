/**
 * Suspended, while the ledger cannot be written: nothing is tried that is not written down first. The
 * executor is on its anchor and only measured. A trial that was under way is reverted and blames nobody,
 * and a user's proposal is answered at once, because nobody knows how long this lasts.
 */
import type { UserProposal } from '../../entries/entries.ts';
import type { PhaseOf, Step } from '../state.ts';
import { type Handled, type PhaseEvent, type StepBuilder, watchMs } from '../step.ts';
import { cutShort } from './probing.ts';

export function enter(step: StepBuilder, reason: string): Step {
  const { phase, anchor, queue } = step.state;
  // An a/a trial has no candidate that could be reverted.
  const isTrying = 'run' in phase && phase.kind !== 'noise';
  if (isTrying) step.revert(phase.run, 'revert', 'ledger', reason);
  cutShort(step);
  step.change({ current: anchor, queue: [] });
  step.record({ kind: 'phase', phase: 'suspended', reason });
  refuse(step, queue, reason);
  if (!isTrying) step.record({ kind: 'intent', settings: anchor, purpose: 'revert' });
  return step.settle({ kind: 'suspended', reason });
}

/** A proposal that comes meanwhile. */
export function onProposal(step: StepBuilder, { reason }: PhaseOf<'suspended'>, proposal: UserProposal): Step {
  refuse(step, [proposal], reason);
  return step.stay();
}

export function on(step: StepBuilder, phase: PhaseOf<'suspended'>, event: PhaseEvent): Handled {
  if (event.kind === 'failed') {
    if (event.what === 'settle') return step.giveUp(event);
    return step.await(phase, step.nowMs + watchMs);
  }
  if (event.kind === 'measured') step.remember(event);
  return step.measure(phase, step.state.current, { forMs: watchMs });
}

/** The ledger was written again: a new reference is taken. */
export function leave(step: StepBuilder, reason: string): Handled {
  step.record({ kind: 'phase', phase: 'observing', reason });
  return { enter: 'observing', windows: [] };
}

function refuse(step: StepBuilder, proposals: readonly UserProposal[], reason: string): void {
  for (const proposal of proposals)
    step.record({
      kind: 'not-tried',
      code: 'ledger',
      settings: { ...step.state.current, ...proposal.settings },
      reason: `nothing is tried that cannot be written down first: ${reason}`,
    });
}

/**
 * Asking, in mode `confirm`: the executor is back on the setting before the trial, while a proven
 * candidate waits for an answer. It waits for `maxDurationMs` at most, because evidence ages, and measures
 * meanwhile, because a limit may break.
 */
import type { EnteringOf, PhaseOf, Step } from '../state.ts';
import { type Handled, type PhaseEvent, type StepBuilder, watchMs } from '../step.ts';

export function enter(step: StepBuilder, { run, trigger }: EnteringOf<'asking'>): Step {
  const untilMs = step.nowMs + step.state.session.options.maxDurationMs;
  step.record({ kind: 'ask', trial: run.trial, settings: run.candidate });
  return step.settle({ kind: 'asking', run, trigger, untilMs });
}

export function on(step: StepBuilder, phase: PhaseOf<'asking'>, event: PhaseEvent): Handled {
  const { run, trigger, untilMs } = phase;
  switch (event.kind) {
    case 'failed':
      if (event.what === 'measure') return step.await(phase, Math.min(untilMs, step.nowMs + watchMs));
      return step.revertFailed(run, event);
    case 'answer':
      if (event.trial !== run.trial) return step.stay();
      return event.accept
        ? step.keep(run, trigger, 'proven in its trial and accepted')
        : step.revert(run, 'revert', 'declined', 'the answer was no');
    case 'measured':
    case 'done':
      if (step.nowMs < untilMs) return measure(step, phase);
      return step.revert(run, 'revert', 'unanswered', 'nobody answered in time, and evidence ages');
  }
}

/** Never longer than it waits, however few calls come. */
function measure(step: StepBuilder, phase: PhaseOf<'asking'>): Step {
  const forMs = Math.min(watchMs, phase.untilMs - step.nowMs);
  return step.measure(phase, step.state.current, { forMs, minCompletions: 0 });
}

/**
 * Nothing is worth a trial now: the tuner records what can be recommended without one, measures on, and
 * chooses again when the rest is over. After a failed action it waits before it measures, twice as long each
 * time, because what fails at once would be tried again at once; not until the end of the rest, because a limit
 * may break meanwhile.
 *
 * A shift of the load or of the level ends the rest at once: what it rested for holds no longer.
 */
import { isBack } from '../../predict/known-loads.ts';
import { seenOf } from '../../predict/memory.ts';
import { recommendSettings } from '../../predict/recommend.ts';
import { atRest } from '../shifts.ts';
import type { EnteringOf, PhaseOf, Step, Tries } from '../state.ts';
import { type Handled, type PhaseEvent, type StepBuilder, watchMs } from '../step.ts';

export function enter(step: StepBuilder, { measures, untilMs: goesOnUntilMs, asksAgain }: EnteringOf<'resting'>): Step {
  if (goesOnUntilMs !== undefined) return goOn(step, goesOnUntilMs);
  const { session, rests } = step.state;
  const untilMs = step.nowMs + session.options.restMs * 2 ** Math.min(6, rests);
  const recommended = recommendSettings(seenOf(step.state, step.nowMs));
  for (const rule of recommended) step.record({ kind: 'recommendation', ...rule });
  const reason =
    recommended.length > 0 ? 'no trial to begin: what is recommended is yours to set' : 'nothing worth trying now';
  step.record({ kind: 'phase', phase: 'resting', reason: measures ? reason : 'an action failed' });
  step.change({ rests: asksAgain ? rests : rests + 1, probes: 0 });
  return step.settle({ kind: 'resting', untilMs, tries: measures ? null : after(step, watchMs) });
}

function goOn(step: StepBuilder, untilMs: number): Step {
  step.record({ kind: 'phase', phase: 'resting', reason: 'the rest goes on' });
  return step.settle({ kind: 'resting', untilMs, tries: null });
}

export function on(step: StepBuilder, phase: PhaseOf<'resting'>, event: PhaseEvent): Handled {
  const { tries, untilMs } = phase;
  if (event.kind === 'failed') {
    if (tries === null || event.what === 'settle') return step.giveUp(event);
    return pause(step, phase, after(step, 2 * tries.pauseMs));
  }
  if (event.kind === 'measured') {
    step.adopt(event);
    step.remember(event);
    const shifted = atRest(step, event, untilMs);
    if (shifted) return shifted;
    if (isBack(step.state, step)) {
      step.change({ quietUntilMs: Math.max(step.state.quietUntilMs, untilMs) });
      step.record({ kind: 'phase', phase: 'observing', reason: 'a load that is known seems to be back' });
      return { enter: 'observing', windows: [] };
    }
  }
  if (step.nowMs < untilMs) {
    if (tries && event.kind !== 'measured' && step.nowMs < tries.atMs) return pause(step, phase, tries);
    // Once a window came the next is asked for at once.
    const next = event.kind === 'measured' ? { ...phase, tries: null } : phase;
    return step.measure(next, step.state.current, { forMs: watchMs });
  }
  step.record({ kind: 'phase', phase: 'observing', reason: 'rested long enough' });
  return { enter: 'observing', windows: [] };
}

function pause(step: StepBuilder, phase: PhaseOf<'resting'>, tries: Tries): Step {
  return step.await({ ...phase, tries }, Math.min(phase.untilMs, tries.atMs));
}

function after({ nowMs }: StepBuilder, pauseMs: number): Tries {
  return { atMs: nowMs + pauseMs, pauseMs };
}

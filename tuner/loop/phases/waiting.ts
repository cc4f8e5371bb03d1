/**
 * Waiting for a turn: somebody else on this machine compares settings, and two trials at once would measure
 * each other. The setting in force is measured meanwhile, which keeps the reference fresh.
 *
 *   choosing ─ the turn is another's ─▶ waiting ⇄ asks again after each window ─ ours ─▶ observing | choosing
 */
import { isUsable } from '../../predict/memory.ts';
import { atRest } from '../shifts.ts';
import type { EnteringOf, PhaseOf, Step } from '../state.ts';
import type { Handled, PhaseEvent, StepBuilder } from '../step.ts';

export function enter(step: StepBuilder, { waitsFor }: EnteringOf<'waiting'>): Step {
  step.record({ kind: 'turn', waitsFor, atMs: step.atMs });
  return step.measure({ kind: 'waiting', sinceMs: step.nowMs, waitsFor, windows: [] }, step.state.current);
}

export function on(step: StepBuilder, phase: PhaseOf<'waiting'>, event: PhaseEvent): Handled {
  const { sinceMs, windows } = phase;
  if (event.kind === 'failed') {
    ended(step, phase);
    return step.giveUp(event);
  }
  const { session, current } = step.state;
  const { baselineWindows } = session.options;
  if (event.kind === 'measured') {
    step.remember(event);
    // The wait ends before what comes of a shift begins, so whether there is one is found out on a step that is thrown away.
    if (atRest(step.draft(), event, step.nowMs)) ended(step, phase);
    const shifted = atRest(step, event, step.nowMs);
    if (shifted) return shifted;
    const fresh = isUsable(event.window) ? [...windows, event.window].slice(-baselineWindows) : windows;
    return step.settle({ ...phase, windows: fresh });
  }
  if (event.kind === 'done' && event.waitsFor !== undefined) {
    const { waitsFor } = event;
    if (waitsFor !== phase.waitsFor) step.record({ kind: 'turn', waitsFor, atMs: step.atMs, waitedMs: waited() });
    return step.measure({ ...phase, waitsFor }, current);
  }
  ended(step, phase);
  // After a long wait the reference is of another time.
  if (windows.length < baselineWindows) return { enter: 'choosing' };
  step.record({ kind: 'phase', phase: 'observing', reason: 'a new reference after the wait' });
  return { enter: 'observing', windows };

  function waited(): number {
    return step.nowMs - sinceMs;
  }
}

function ended(step: StepBuilder, { sinceMs }: PhaseOf<'waiting'>): void {
  step.record({ kind: 'turn', waitsFor: null, atMs: step.atMs, waitedMs: step.nowMs - sinceMs });
}

/**
 * After a commit: most windows run the new setting, some pairs still visit the old anchor, until
 * fresh evidence says the new one is not worse than `revertAt`. Then it becomes the anchor.
 */
import type { Window } from '../../src/contracts.ts';
import type { TunerRecord } from '../entries.ts';
import { holdBackRun, trialRecord } from './begin-trial.ts';
import { isUsable, measure, remember } from './measure.ts';
import { observeFrom } from './observe.ts';
import { ruleOut } from './rule-out.ts';
import { advance, type MeasuredEvent, measureArm } from './run.ts';
import type { Run, State, Step } from './state.ts';

export function beginHoldBack(state: State, committed: Run, atMs: number, records: readonly TunerRecord[]): Step {
  const fresh = candidateWindows(committed);
  if (state.session.options.holdBackFraction === 0)
    return becomeAnchor(state, fresh, 'no hold-back was asked for', records);
  const run = holdBackRun(state, atMs, committed.baseline, committed.candidate);
  const step = held({ ...state, nextTrial: run.trial + 1 }, run, 0, null, atMs);
  return { ...step, records: [...records, trialRecord(state, run), ...step.records] };
}

/** @param gap windows at the new setting still to go before the next pair; while it is above 0, `event` is one of them */
export function held(state: State, run: Run, gap: number, event: MeasuredEvent | null, atMs: number): Step {
  const remembered: State = event ? { ...state, seen: remember(state.seen, event.window) } : state;
  if (gap > 1) return between(remembered, run, gap - 1);
  const next = advance(run, gap === 1 ? null : event);
  if ('measure' in next.step) {
    const pause = next.pairs.length > 0 ? gapWindows(state.session.options.holdBackFraction) : 0;
    if (pause > 0) return { ...between(remembered, next.run, pause), records: next.pairs };
    return {
      state: { ...remembered, phase: { kind: 'holding', run: next.run, gap: 0 } },
      records: next.pairs,
      action: measureArm(state, next.run, next.step),
    };
  }
  const { result } = next.step;
  const records: readonly TunerRecord[] = [...next.pairs, { kind: 'verdict', trial: run.trial, result }];
  if (result.verdict === 'better' || result.verdict === 'equivalent') {
    return becomeAnchor(remembered, candidateWindows(next.run), result.reason, records);
  }
  return fallBack(remembered, next.run, atMs, [
    ...records,
    {
      kind: 'decision',
      trial: run.trial,
      decision: 'revert',
      trigger: result.trigger,
      settings: state.anchor,
      callsAffected: result.calls.candidate,
      afterMs: 0,
      because: `not confirmed after the commit: ${result.reason}`,
    },
  ]);
}

/** Windows at the new setting between two pairs, so that the anchor keeps `fraction` of all windows. */
function gapWindows(fraction: number): number {
  return Math.max(0, Math.round(1 / fraction) - 2);
}

function between(state: State, run: Run, gap: number): Step {
  return {
    state: { ...state, phase: { kind: 'holding', run, gap } },
    records: [],
    action: measure(state, run.candidate, { arm: 'candidate', discardMs: run.design.discardMs }),
  };
}

function becomeAnchor(state: State, fresh: readonly Window[], because: string, records: readonly TunerRecord[]): Step {
  const next: State = { ...state, anchor: state.current };
  return observeFrom(next, fresh, [
    ...records,
    { kind: 'intent', settings: next.current, purpose: 'anchor' },
    { kind: 'anchor', settings: next.current, because },
  ]);
}

function fallBack(state: State, run: Run, atMs: number, records: readonly TunerRecord[]): Step {
  const next = ruleOut({ ...state, current: state.anchor }, run.candidate, atMs, 1);
  return {
    state: { ...next, phase: { kind: 'settling', then: 'observe' } },
    records: [...records, { kind: 'intent', settings: next.anchor, purpose: 'revert' }],
    action: { kind: 'settle', settings: next.anchor },
  };
}

function candidateWindows(run: Run): readonly Window[] {
  return run.seen.filter((one) => one.arm === 'candidate' && isUsable(one.window)).map((one) => one.window);
}

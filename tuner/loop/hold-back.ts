/**
 * After a commit: most windows run the new setting, some pairs still visit the old anchor, until
 * fresh evidence says the new one is not worse than `revertAt`. Then it becomes the anchor.
 */
import type { Window } from '../../src/contracts.ts';
import type { Trigger, TunerRecord } from '../entries/entries.ts';
import { meaningOf } from '../entries/triggers.ts';
import { holdBackRun, trialRecord } from './begin-trial.ts';
import { isUsable, measure, remember } from './measure.ts';
import { observeFrom } from './observe.ts';
import { backOffOf, forgetting, ruleOutAfter } from './rule-out.ts';
import { advance, candidateCallsIn, type MeasuredEvent, measureArm } from './run.ts';
import type { Run, State, Step } from './state.ts';

export function beginHoldBack(state: State, committed: Run, atMs: number, records: readonly TunerRecord[]): Step {
  const fresh = candidateWindows(committed);
  if (state.session.options.holdBackFraction === 0)
    return becomeAnchor(state, fresh, 'no hold-back was asked for', records);
  const run = holdBackRun(state, atMs, committed);
  const step = held({ ...state, nextTrial: run.trial + 1 }, run, 0, null, atMs);
  return { ...step, records: [...records, trialRecord(state, run, atMs), ...step.records] };
}

/** @param gap windows at the new setting still to go before the next pair; while it is above 0, `event` is one of them */
export function held(state: State, run: Run, gap: number, event: MeasuredEvent | null, atMs: number): Step {
  const remembered: State = event ? { ...state, seen: remember(state.seen, event.window) } : state;
  const inGap: Run = { ...run, candidateCalls: run.candidateCalls + candidateCallsIn(event) };
  if (gap > 1) return between(remembered, inGap, gap - 1);
  const next = gap === 1 ? advance(inGap, null) : advance(run, event);
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
  return fallBack(remembered, next.run, result.trigger, result.reason, atMs, records);
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

/** The commit is taken back: the anchor is still the setting before it. */
export function fallBack(
  state: State,
  run: Run,
  trigger: Trigger,
  reason: string,
  atMs: number,
  records: readonly TunerRecord[] = [],
): Step {
  const { blames } = meaningOf(trigger);
  const back: State = forgetting({ ...state, current: state.anchor }, trigger);
  const next = blames ? ruleOutAfter(back, run.candidate, trigger, atMs) : back;
  return {
    state: { ...next, phase: { kind: 'settling', then: 'observe' } },
    records: [
      ...records,
      takenBackRecord(state, run, trigger, `not confirmed after the commit: ${reason}`),
      ...(blames ? backOffOf(next, run.candidate) : []),
      { kind: 'intent', settings: next.anchor, purpose: 'revert' },
    ],
    action: { kind: 'settle', settings: next.anchor },
  };
}

/** All calls since the first window of the trial that led to the commit ran under what is now taken back. */
export function takenBackRecord(state: State, run: Run, trigger: Trigger, because: string): TunerRecord {
  return {
    kind: 'decision',
    trial: run.trial,
    decision: 'revert',
    trigger,
    settings: state.anchor,
    callsAffected: run.candidateCalls,
    afterMs: 0,
    because,
  };
}

function candidateWindows(run: Run): readonly Window[] {
  return run.seen.filter((one) => one.arm === 'candidate' && isUsable(one.window)).map((one) => one.window);
}

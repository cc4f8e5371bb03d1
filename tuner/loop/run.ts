/** One step of a trial on its way: the next window it wants, and the pairs that became complete. */
import type { Measured, Window } from '../../src/contracts.ts';
import type { PairPoint, TunerEvent, TunerRecord } from '../entries/entries.ts';
import { stepTrial } from '../trial/switchback.ts';
import { drainMs, measure } from './measure.ts';
import type { Action, Run, State } from './state.ts';

export type MeasuredEvent = Extract<TunerEvent, { kind: 'measured' }>;

/** The run with one more window; the trial's next step; records of the pairs that became complete. */
export function advance(
  run: Run,
  event: MeasuredEvent | null,
): {
  readonly run: Run;
  readonly pairs: readonly TunerRecord[];
  readonly step: ReturnType<typeof stepTrial>['step'];
} {
  const seen = event ? [...run.seen, measuredOf(event)] : run.seen;
  const { pairs, waitsFor, step } = stepTrial(run.design, seen);
  const fresh = pairs
    .slice(run.pairsRecorded)
    .map((pair: PairPoint): TunerRecord => ({ kind: 'pair', trial: run.trial, pair, waitsFor }));
  return {
    run: { ...run, seen, candidateCalls: run.candidateCalls + candidateCallsIn(event), pairsRecorded: pairs.length },
    pairs: fresh,
    step,
  };
}

/** Calls offered while the candidate was in force, from the flip on. */
export function candidateCallsIn(event: MeasuredEvent | null): number {
  return event?.arm === 'candidate' ? event.window.offered + (event.discarded?.offered ?? 0) : 0;
}

export function measuredOf({ arm, window, discarded }: MeasuredEvent): Measured {
  return discarded ? { arm, window, discarded } : { arm, window };
}

/** The window the trial asks for. The discard covers what the arm before it still has under way. */
export function measureArm(
  state: State,
  run: Run,
  step: {
    readonly measure: 'baseline' | 'candidate';
    readonly discardMs: number;
    readonly forMs: number;
  },
): Action {
  const last: Window | undefined = run.seen.at(-1)?.window;
  const draining = last ? Math.min(drainMs([last]), run.design.windowMs) : 0;
  return measure(state, step.measure === 'candidate' ? run.candidate : run.baseline, {
    arm: step.measure,
    discardMs: Math.max(step.discardMs, draining),
    forMs: step.forMs,
    // Its length was fixed with its pair's: waiting for calls would treat a slow window unlike a fast one.
    minCompletions: 0,
  });
}

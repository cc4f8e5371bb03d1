/** A trial on its way: its windows so far, and what they come to. */
import type { Load, Measured, Settings, Window } from '../../src/contracts.ts';
import type {
  OpenGuardrail,
  PairPoint,
  RecordOf,
  Sealed,
  TrialDesign,
  TrialResult,
  Trigger,
} from '../entries/entries.ts';
import { changesText, sameSettings } from '../entries/settings.ts';
import type { WindowPlan } from './schedule.ts';
import { loadChanged } from './stability.ts';
import { stepTrial } from './switchback.ts';

export interface Run {
  readonly trial: number;
  readonly design: TrialDesign;
  readonly baseline: Settings;
  readonly candidate: Settings;
  readonly seen: readonly Measured[];
  /** Calls offered under the candidate so far, discards and the trial that led here included. */
  readonly candidateCalls: number;
  readonly pairs: readonly PairPoint[];
}

export interface Advanced {
  readonly run: Run;
  /** Those that became complete with the last window. */
  readonly newPairs: readonly PairPoint[];
  readonly waitsFor: readonly OpenGuardrail[];
  readonly next: WindowPlan | { readonly result: TrialResult };
}

/** Windows of the baseline arm in a row that are held against the reference. */
const loadWindows = 4;

/** The run with one more window, or as it is, and what it wants next. */
export function advance(run: Run, measured: Measured | null): Advanced {
  const seen = measured ? [...run.seen, bare(measured)] : run.seen;
  const { pairs, waitsFor, step } = stepTrial(run.design, seen);
  return {
    run: { ...run, seen, pairs, candidateCalls: run.candidateCalls + (measured ? candidateCallsIn(measured) : 0) },
    newPairs: pairs.slice(run.pairs.length),
    waitsFor,
    next: step,
  };
}

/** Calls offered while the candidate was in force, from the flip on. */
export function candidateCallsIn({ arm, window, discarded }: Measured): number {
  return arm === 'candidate' ? window.offered + (discarded?.offered ?? 0) : 0;
}

/** From the first candidate window to the last window. */
export function spanMsOf({ seen }: Run): number {
  const first = seen.find((one) => one.arm === 'candidate')?.window.startMs;
  const last = seen.at(-1)?.window.endMs;
  return first === undefined || last === undefined ? 0 : last - first;
}

/**
 * What ends a trial without a verdict on seeing its last window: an arm that did not run its setting,
 * or a load that is no longer that of the reference.
 */
export function troubleIn(
  run: Run,
  measured: Measured & { readonly effective: Settings },
  reference: readonly Window[],
  declared: Load | null,
): { readonly trigger: Trigger; readonly reason: string } | null {
  const wanted = measured.arm === 'candidate' ? run.candidate : run.baseline;
  if (!sameSettings({ ...wanted, ...measured.effective }, wanted)) {
    return {
      trigger: 'check failed',
      reason: `effective settings differ from requested: ${changesText(wanted, measured.effective)}`,
    };
  }
  if (measured.arm !== 'baseline') return null;
  const recent = run.seen.filter((one) => one.arm === 'baseline').slice(-loadWindows);
  const windows = recent.map((one) => one.window);
  if (windows.length < loadWindows || !loadChanged(declared, reference, windows)) return null;
  return {
    trigger: 'load changed',
    reason: 'the load on the baseline arm is no longer what it was when the trial was designed',
  };
}

/** How good the sealed prediction was; null where nothing was predicted or not one pair came. */
export function scoreOf(
  predicted: Sealed | null,
  result: TrialResult,
): Omit<RecordOf<'score'>, 'kind' | 'trial'> | null {
  if (!predicted || result.pairs === 0) return null;
  const { gain, pGain, model } = predicted;
  const { estimate } = result.effect;
  const gained = estimate > 0 ? 1 : 0;
  const covered = gain.low <= estimate && estimate <= gain.high;
  return { model, predicted: gain, measured: result.effect, covered, brier: (pGain - gained) ** 2 };
}

function bare({ arm, window, discarded }: Measured): Measured {
  return discarded ? { arm, window, discarded } : { arm, window };
}

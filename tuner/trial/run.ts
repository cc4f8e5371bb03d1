/** A trial while it runs: its windows so far, and what it asks for next. */
import type { Load, Measured, Settings, Window } from '../../src/contracts.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
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
import { type AllWindows, inOrder, sortWindows } from './pairs.ts';
import type { WindowPlan } from './schedule.ts';
import { loadChanged } from './stability.ts';
import { stepTrial } from './switchback.ts';

export interface Run {
  readonly trial: number;
  readonly design: TrialDesign;
  readonly baseline: Settings;
  readonly candidate: Settings;
  /** Windows of the ramp and of pairs. */
  readonly seen: readonly Measured[];
  /** Windows of a hold-back between its pairs: they are watched by the breakers, and all their calls count. */
  readonly between: readonly Measured[];
  /** Calls offered under the candidate so far. Discarded ones count, and in a hold-back those of the trial before it. */
  readonly candidateCalls: number;
  /** Of a hold-back: the time of the trial before it, whose calls count too. */
  readonly before: AffectedTime | null;
  readonly pairs: readonly PairPoint[];
}

/** From the first candidate window to the end of the last window, on the clock of the windows. */
export interface AffectedTime {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Advanced {
  readonly run: Run;
  /** The pairs that the last window completed. */
  readonly newPairs: readonly PairPoint[];
  readonly waitsFor: readonly OpenGuardrail[];
  readonly next: WindowPlan | { readonly result: TrialResult };
}

/** The newest windows of the baseline arm, which are compared with the reference. */
const loadWindows = 4;

/**
 * The run with one more window (null: as it is), and what it asks for next.
 * @param isBetween the window is no part of a pair
 */
export function advance(run: Run, measured: Measured | null, isBetween = false): Advanced {
  const more = measured ? [bare(measured)] : [];
  const seen = isBetween ? run.seen : [...run.seen, ...more];
  const between = isBetween ? [...run.between, ...more.map(lean)] : run.between;
  const { pairs, waitsFor, step } = stepTrial(run.design, seen, between);
  const candidateCalls = run.candidateCalls + (measured ? candidateCallsIn(measured) : 0);
  return {
    run: { ...run, seen, between, pairs, candidateCalls },
    newPairs: pairs.slice(run.pairs.length),
    waitsFor,
    next: step,
  };
}

/** Calls offered while the candidate was in force, from the change of arm on. */
export function candidateCallsIn({ arm, window, discarded }: Measured): number {
  return arm === 'candidate' ? window.offered + (discarded?.offered ?? 0) : 0;
}

/** The time in which the calls of `candidateCalls` were made; null before the first candidate window. */
export function spanOf({ seen, between, before }: Run): AffectedTime | null {
  const startMs = before?.startMs ?? seen.find((one) => one.arm === 'candidate')?.window.startMs;
  if (startMs === undefined) return null;
  const ends = [seen.at(-1), between.at(-1)].map((one) => one?.window.endMs ?? startMs);
  return { startMs, endMs: Math.max(before?.endMs ?? startMs, ...ends) };
}

/**
 * The reason to end a trial without a verdict after its last window: an arm did not run its setting, or
 * the load is no longer that of the reference. null: there is no such reason.
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

/** How good the sealed prediction was; null where nothing was predicted or no pair could be used. */
export function scoreOf(
  predicted: Sealed | null,
  result: TrialResult,
): Omit<RecordOf<'score'>, 'kind' | 'trial' | 'atMs'> | null {
  if (!predicted || result.pairs === 0) return null;
  const { gain, said, pGain, model } = predicted;
  const { estimate } = result.effect;
  const gained = estimate > 0 ? 1 : 0;
  const covered = gain.low <= estimate && estimate <= gain.high;
  const brier = (pGain - gained) ** 2;
  return { model, predicted: gain, ...(said && { said }), measured: result.effect, covered, brier };
}

/** The trial without what nobody asks of it once it is over: a hold-back keeps it as long as itself. */
export function leanRun(run: Run): Run {
  return { ...run, seen: run.seen.map(lean) };
}

function lean(measured: Measured): Measured {
  const nothing = { wait: emptyDistribution, service: emptyDistribution, start: emptyDistribution };
  return { ...measured, window: { ...measured.window, ...nothing, byFunction: {}, stages: {} } };
}

function bare({ arm, window, discarded }: Measured): Measured {
  return discarded ? { arm, window, discarded } : { arm, window };
}

/** All windows of these trials, and the pairs among them. */
export function windowsOf(runs: readonly Run[]): AllWindows {
  const all = runs.flatMap(({ seen, between }) => inOrder(seen, between));
  const ofArm = (arm: Measured['arm']) => all.filter((one) => one.arm === arm && one.window.steady);
  return {
    baseline: ofArm('baseline').map((one) => one.window),
    candidate: ofArm('candidate').map((one) => one.window),
    pairs: runs.flatMap(({ design, seen }) => sortWindows(design, seen).pairs),
  };
}

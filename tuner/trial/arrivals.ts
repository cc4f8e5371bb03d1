/**
 * Whether goodput is compared by the call that was offered, and not by the second.
 *
 *   windows at rest ── log goodput, log(goodput / arrivals): which varies less? ──▶ per arrival, or not
 *
 * What an open load completes in time follows its arrivals as long as it keeps up, and these vary by themselves: of 400
 * calls a window their number alone moves d by 7 %, which takes four times as many pairs as what the setting does. No
 * setting moves the arrivals of an open load (a trial checks that), so that dividing them out leaves the effect as it is
 * and takes their noise. Where calls pile up, goodput follows the capacity, and dividing would only add that noise.
 * Which of the two it is follows from the windows before the trial, and never changes in it.
 */
import type { Load, Objective, Window } from '../../src/contracts.ts';
import type { TrialDesign } from '../entries/entries.ts';
import { logRatioOf, objectiveOf, secondsOf } from './metric.ts';
import { pairSigma } from './pair-sigma.ts';
import { rootMeanSquare } from './statistics.ts';

/** Steps from one window to the next before it is decided, and the share of the noise that has to go. */
const fewestSteps = 5;
const quieter = 0.8;

/** @param windows at one setting, oldest first */
export function isPerArrival(objective: Objective, load: Load, windows: readonly Window[]): boolean {
  if (load !== 'open' || objective.metric !== 'goodput') return false;
  const logs = windows.flatMap((window) => {
    const value = objectiveOf(objective, window);
    return value !== null && value > 0 && window.offered > 0
      ? [{ log: Math.log(value), arrivals: logArrivals(window) }]
      : [];
  });
  if (logs.length <= fewestSteps) return false;
  const plain = rootMeanSquare(steps(logs.map(({ log }) => log)));
  return rootMeanSquare(steps(logs.map(({ log, arrivals }) => log - arrivals))) < quieter * plain;
}

/** σ of log(next window / this one) by the call offered. */
export function sigmaPerArrival(objective: Objective, windows: readonly Window[]): number {
  const differences = windows.slice(1).map((window, i) => perArrival(objective, windows[i] as Window, window));
  return pairSigma(differences.filter((one) => one !== null));
}

/** d of a pair: log(candidate / baseline), + is better; null where the two cannot be compared. */
export function differenceIn(
  design: Pick<TrialDesign, 'goal' | 'perArrival'>,
  baseline: Window,
  candidate: Window,
): number | null {
  const { objective } = design.goal;
  return design.perArrival ? perArrival(objective, baseline, candidate) : logRatioOf(objective, baseline, candidate);
}

function perArrival(objective: Objective, before: Window, after: Window): number | null {
  const ratio = logRatioOf(objective, before, after);
  return ratio === null ? null : ratio - (logArrivals(after) - logArrivals(before));
}

/** Log of the calls offered a second; 0 where there were none, which changes nothing then. */
export function logArrivals(window: Window): number {
  return window.offered > 0 ? Math.log(window.offered / secondsOf(window)) : 0;
}

function steps(logs: readonly number[]): readonly number[] {
  return logs.slice(1).map((log, i) => log - (logs[i] as number));
}

/**
 * Which arm is measured next, and for how long: a function of (seed, index) alone, so it needs no
 * state and replays from the design.
 *
 *   index of the window ──▶ ramp (baseline, candidate, …) then pairs, each ordered by a coin
 */
import { randomStream } from '../../src/foundation/random.ts';
import type { Arm, TrialDesign } from '../entries/entries.ts';

export interface WindowPlan {
  readonly measure: Arm;
  readonly discardMs: number;
  readonly forMs: number;
}

/** Ramp windows are this share of a window: a setting that harms is met in small doses first. */
const rampShare = 0.25;
const shortestWindowMs = 20;

/** Windows before the first pair. */
export function rampWindows(design: TrialDesign): number {
  return 2 * design.rampPairs;
}

/** The order of pair `index` (from 0): AB is baseline first. A fair coin of its own stream. */
export function orderOf({ seed }: Pick<TrialDesign, 'seed'>, index: number): 'AB' | 'BA' {
  return randomStream(seed, `order ${index}`)() < 0.5 ? 'AB' : 'BA';
}

/**
 * The `index`-th window (from 0) of a trial.
 *
 * Both windows of a pair have the same jittered length, whatever comes out in them: the sign of d is
 * a fair coin only where both arms are treated alike. Jitter is there so that windows do not beat
 * against garbage collection or a cron job.
 */
export function windowAt(design: TrialDesign, index: number): WindowPlan {
  const ramp = rampWindows(design);
  const inRamp = index < ramp;
  const pair = inRamp ? Math.floor(index / 2) : Math.floor((index - ramp) / 2);
  const order = inRamp ? 'AB' : orderOf(design, pair);
  const second = (inRamp ? index : index - ramp) % 2 === 1;
  const measure: Arm = (order === 'AB') === second ? 'candidate' : 'baseline';
  const jitter =
    1 + design.jitterFraction * (2 * randomStream(design.seed, `length ${inRamp ? 'ramp ' : ''}${pair}`)() - 1);
  const share = inRamp ? rampShare : 1;
  return {
    measure,
    discardMs: design.discardMs,
    forMs: Math.max(shortestWindowMs, share * design.windowMs * jitter),
  };
}

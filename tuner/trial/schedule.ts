/**
 * The schedule says which arm is measured next, and for how long. It is a function of seed and index
 * alone, so it needs no state and replays from the design.
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

/** Length of a ramp window as a share of a window's, so that a harmful setting first gets little time. */
const rampShare = 0.25;
const shortestWindowMs = 20;

/** The number of windows before the first pair. */
export function rampWindows(design: TrialDesign): number {
  return 2 * design.rampPairs;
}

/** The order of pair `index` (from 0), by a fair coin from a random stream of its own. AB: baseline first. */
export function orderOf({ seed }: Pick<TrialDesign, 'seed'>, index: number): 'AB' | 'BA' {
  return randomStream(seed, `order ${index}`)() < 0.5 ? 'AB' : 'BA';
}

/**
 * The `index`-th window (from 0) of a trial.
 *
 * Both windows of a pair have the same jittered length, whatever comes out in them, because the sign of
 * d is a fair coin only where both arms are treated alike. Jitter keeps windows from falling into step
 * with garbage collection or a cron job.
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

/**
 * One arm's figure over another's, with the interval of the trial's engine: a block is a pair.
 *
 *   Comparison ── pilot: the size of the noise ── blocks: log ratios ──▶ ratioOf, with its interval
 *                                                                  └──▶ isDecided: would more of them tell more?
 */

import { interval, unboundedHigh } from '../tuner/trial/e-value.ts';
import { pairSigma } from '../tuner/trial/pair-sigma.ts';
import { pairedTrial } from '../tuner/trial/paired-trial.ts';
import { mean } from '../tuner/trial/statistics.ts';
import type { Comparison } from './compare.ts';
import { meanOf } from './estimate.ts';
import type { Estimate, Figure } from './figure.ts';

/** Each end of an interval is excluded at this level: 95 % between them. */
const alpha = 0.025;
/** σ of a block's log ratio where there was no pilot; and the least σ, since two starts always differ by some. */
const usualSigma = 0.03;
const leastSigma = 0.01;

/**
 * A ratio from its logarithms, with an interval from the sixth pair on.
 * @param d one number a pair
 * @param sigmaD of d, known before the first pair
 */
export function ratioOfLogs(d: readonly number[], sigmaD: number): Estimate {
  const { estimate, low, high } = interval(d, sigmaD, alpha);
  return {
    value: d.length === 0 ? Number.NaN : 1 + estimate,
    samples: d.length,
    ...(low > -1 && high < unboundedHigh && { ci95: [1 + low, 1 + high] }),
  };
}

/** `ours` over `theirs`, a block being a pair. */
export function ratioOf(comparison: Comparison, name: string, ours: string, theirs: string): Estimate {
  return ratioOfLogs(comparison.logRatios(name, ours, theirs), sigmaOf(comparison, name, ours, theirs));
}

/** The fields of a figure of `ours`, beside those of the peers that could be measured. */
export function comparedFigure(
  comparison: Comparison,
  name: string,
  ours: string,
  peers: readonly string[],
): Pick<Figure, 'value' | 'samples' | 'ci95' | 'peers' | 'ratios'> {
  const measured = peers.filter((peer) => !comparison.leftOut.has(peer));
  return {
    ...meanOf(comparison.values(name, ours)),
    peers: Object.fromEntries(measured.map((peer) => [peer, mean(comparison.values(name, peer))])),
    ratios: Object.fromEntries(measured.map((peer) => [peer, ratioOf(comparison, name, ours, peer)])),
  };
}

/**
 * True when `ours` over `theirs` is proven to be at least `least`, or less, or neither can be proven in
 * `mostPairs`.
 */
export function isDecided(
  comparison: Comparison,
  name: string,
  ours: string,
  theirs: string,
  { least, mostPairs }: { readonly least: number; readonly mostPairs: number },
): boolean {
  const trial = pairedTrial({
    seed: 0,
    question: 'not-worse',
    better: 'higher',
    sigmaD: sigmaOf(comparison, name, ours, theirs),
    alpha,
    commitAlpha: alpha,
    revertAt: least - 1,
    cheaper: false,
    maxPairs: mostPairs,
  });
  const seen = comparison
    .logRatios(name, ours, theirs)
    .flatMap((d) => [{ arm: 'baseline', value: 1 } as const, { arm: 'candidate', value: Math.exp(d) } as const]);
  return 'verdict' in trial.next(seen);
}

/** σ of a block's log ratio, from how windows of one arm that follow each other differ. */
function sigmaOf(comparison: Comparison, name: string, ...arms: readonly string[]): number {
  const windows = arms.map((arm) => comparison.pilotOf(name, arm));
  const rounds = windows[0]?.length ?? 0;
  if (rounds < 2) return usualSigma;
  const d = windows.flatMap((values) => values.slice(1).map((one, index) => Math.log(one / (values[index] ?? one))));
  return Math.hypot(leastSigma, pairSigma(d) / Math.sqrt(rounds));
}

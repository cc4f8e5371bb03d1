/**
 * All calls of one arm against all calls of the other, each call with the same weight: the ratio of their
 * sums. A trial's effect is that of the usual window and hardly moves with a few bad ones; the sums do.
 *
 *   windows of both arms ── amount, per ──▶ Σ amount / Σ per of each arm ──▶ log of their ratio and its σ
 *
 * The noise is that between windows, since the calls of one window share their fate.
 * @see Cochran, "Sampling Techniques", 3rd ed., §2.11: the variance of a ratio of two sums
 */
import type { Interval, Objective, Window } from '../../src/contracts.ts';
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import { fractionOf } from './e-value.ts';
import { latencyOf, secondsOf } from './metric.ts';

/** log(candidate / baseline) over all calls, + is better, with its standard error. */
export interface SumsRatio {
  readonly log: number;
  readonly sigma: number;
}

/** What a window adds to the sums: calls and seconds, milliseconds and calls. */
interface Part {
  readonly amount: number;
  readonly per: number;
}

/** Standard errors on either side of the interval shown, two-sided at `level`. */
const width = 1.96;
const level = 0.95;
/** Fewer windows of an arm show no noise between windows. */
const fewestWindows = 4;

/**
 * null where an arm has too few windows, or nothing to compare.
 * @param doubt windows of the candidate that are counted once more, each as bad as its worst: bad windows so
 *   rare that few were met have likely been missed as well
 */
export function ratioOfSums(
  objective: Objective,
  baseline: readonly Window[],
  candidate: readonly Window[],
  doubt = 0,
): SumsRatio | null {
  const before = partsOf(objective, baseline);
  const after = partsOf(objective, candidate);
  if (before.length < fewestWindows || after.length < fewestWindows) return null;
  const sign = objective.direction === 'maximize' ? 1 : -1;
  const doubted = [...after, ...Array.from({ length: doubt }, () => worstOf(after, sign))];
  const from = rateOf(before);
  const to = rateOf(doubted);
  if (!(from.rate > 0) || !(to.rate > 0)) return null;
  return { log: sign * Math.log(to.rate / from.rate), sigma: Math.hypot(from.sigma, to.sigma) };
}

/** The ratio as an effect: a fraction, + is better. */
export function sumsInterval({ log, sigma }: SumsRatio): Interval {
  return {
    estimate: fractionOf(log),
    low: fractionOf(log - width * sigma),
    high: fractionOf(log + width * sigma),
    level,
  };
}

function partsOf(objective: Objective, windows: readonly Window[]): readonly Part[] {
  return windows.map((window) => partOf(objective, window)).filter(({ per }) => per > 0);
}

function partOf(objective: Objective, window: Window): Part {
  switch (objective.metric) {
    case 'goodput':
      return { amount: countAtOrBelow(window.latency, objective.sloMs), per: secondsOf(window) };
    case 'throughput':
      return { amount: window.outcomes.ok, per: secondsOf(window) };
    case 'mean': {
      const { sumMs, count } = latencyOf([window]);
      return { amount: sumMs, per: count };
    }
    case 'cpu':
      return { amount: window.cpuMs, per: window.outcomes.ok };
  }
}

/** The rate, and σ of its log. */
function rateOf(parts: readonly Part[]): { readonly rate: number; readonly sigma: number } {
  const amount = parts.reduce((sum, part) => sum + part.amount, 0);
  const per = parts.reduce((sum, part) => sum + part.per, 0);
  const rate = amount / per;
  const squares = parts.reduce((sum, part) => sum + (part.amount - rate * part.per) ** 2, 0);
  return { rate, sigma: Math.sqrt((parts.length / (parts.length - 1)) * squares) / amount };
}

function worstOf(parts: readonly Part[], sign: number): Part {
  return parts.reduce((worst, part) =>
    sign * (part.amount / part.per) < sign * (worst.amount / worst.per) ? part : worst,
  );
}

/**
 * A predicted gain: a normal distribution on the log scale, reported as an interval of the relative
 * change. Interval and probability come from the same two numbers, so they never contradict each other.
 */
import type { Interval } from '../../src/contracts.ts';

/** Level of every predicted interval. */
const gainLevel = 0.8;
/** Standard normal quantile at (1 + gainLevel) / 2. */
const z = 1.2815515655446004;

/** log(candidate / current) of the objective, + is better: mean and standard deviation. */
export interface LogGain {
  readonly mean: number;
  readonly sd: number;
  /**
   * The gain at the 90 % quantile of the model's draws, where it has draws. Where no draw of the law
   * gains anything, a probe would find nothing either, however wide the normal interval is.
   */
  readonly most?: number;
  /** Expected log(latency there / latency here), where that is not simply the negative of `mean`. */
  readonly slower?: number;
}

/** The gain as an interval of fractions, at level 0.8. */
export function gainInterval({ mean, sd }: LogGain): Interval {
  return {
    estimate: Math.expm1(mean),
    low: Math.expm1(mean - z * sd),
    high: Math.expm1(mean + z * sd),
    level: gainLevel,
  };
}

/** What an interval at that level says on the log scale: the inverse of `gainInterval`. */
export function ofInterval({ estimate, low, high }: Interval): LogGain {
  return { mean: Math.log1p(estimate), sd: (Math.log1p(high) - Math.log1p(low)) / (2 * z) };
}

/** By how many of its standard deviations more was measured than predicted; undefined where that says nothing. */
export function deviationIn(predicted: Interval, measured: Interval): number | undefined {
  const said = ofInterval(predicted);
  const z = (Math.log1p(measured.estimate) - said.mean) / said.sd;
  return said.sd > 0 && Number.isFinite(z) ? z : undefined;
}

/** Probability that the gain is above zero. */
export function probabilityOfGain({ mean, sd }: LogGain): number {
  return sd > 0 ? normalCdf(mean / sd) : mean > 0 ? 1 : 0;
}

/**
 * Standard normal distribution function, absolute error below 1.5e-7.
 * @see Abramowitz and Stegun, 7.1.26
 */
export function normalCdf(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * series * Math.exp((-x * x) / 2);
  return x >= 0 ? 1 - tail : tail;
}

/** The gain from two independent estimates, each weighted by its precision. */
export function combined(modelled: LogGain, measured: LogGain | null): LogGain {
  if (!measured) return modelled;
  const [a, b] = [modelled.sd ** -2, measured.sd ** -2];
  return { mean: (modelled.mean * a + measured.mean * b) / (a + b), sd: (a + b) ** -0.5 };
}

/**
 * What a trial can prove, computed before it begins and, to end a futile one, while it runs.
 *
 *   (effect, σ_d, α) ── pairsNeeded ──▶ pairs
 *   (design, baseline windows) ── unjudgeable ──▶ guardrails that will stay open, in words
 *   (d so far, pairs left) ── isHopeless ──▶ can it still be proven?
 */

import type { GuardedMetric, Guardrail, Window } from '../../src/contracts.ts';
import type { TrialDesign } from '../entries/entries.ts';
import { bets, logEValue, logSumExp, type Side } from './e-value.ts';
import { callsNeeded } from './exceedance.ts';
import { guardedDifference, quantileOf } from './metric.ts';
import { atOneBacklog } from './overload.ts';
import { mean, median, populationDeviation, rootMeanSquare } from './statistics.ts';
import { blockCalls } from './super-blocks.ts';

/** The largest number of pairs that is computed: as many as ten minutes hold of the shortest windows, and more. */
export const mostPairs = 3000;
/** Share of a window that is discarded after a change of arm, even where no call has to drain. */
export const discardFraction = 0.1;
/** One-sided 80 % normal quantile: pairs are planned for a power of about 0.8. */
const powerSigmas = 0.84;
/** Windows of so many calls that vary by so much more than which calls they hold explains vary with the service: it swings. */
const swinging = { calls: 400, times: 3 } as const;
/** Standard errors that are added to the observed effect before a trial is given up. */
const optimism = 1.5;
/** The least evidence that `isHopeless` starts from: a component of the mixture that has lost nothing wins back what the others lost. */
const startShare = 0.1;

/** The pairs after which an effect (fraction, + is better) is proven above 0 four times out of five. At most `mostPairs`. */
export function pairsNeeded(design: Pick<TrialDesign, 'sigmaD' | 'commitAlpha'>, effect: number): number {
  return effect > 0 ? pairsForShift(Math.log1p(effect) / design.sigmaD, design.commitAlpha) : mostPairs;
}

/** The pairs after which a shift of `r` σ away from the hypothesis is proven four times out of five. At most `mostPairs`. */
export function pairsForShift(r: number, alpha: number): number {
  if (!(r > 0)) return mostPairs;
  const growths = growthOf(r);
  const enough = Math.log(1 / alpha);
  for (let n = 1; n < mostPairs; n++) {
    const logs = growths.map(
      ({ weight, mean, deviation }) => Math.log(weight) + n * mean - powerSigmas * Math.sqrt(n) * deviation,
    );
    if (logSumExp(logs) >= enough) return n;
  }
  return mostPairs;
}

/**
 * True when even an effect at the favourable end of what was seen would not be proven in the remaining
 * pairs. That end is the larger of mean over deviation and median over robust deviation, plus
 * `optimism` standard errors. A burst in a few pairs hides an effect from the mean, but not from the
 * median nor from the engine.
 */
export function isHopeless(
  d: readonly number[],
  delta0: number,
  sigmaD: number,
  side: Side,
  alpha: number,
  pairsLeft: number,
): boolean {
  const x = d.map((one) => (side === 'greater' ? one - delta0 : delta0 - one));
  if (x.length === 0) return false;
  const center = mean(x);
  const middle = median(x);
  // A few pairs may be alike by chance, so the deviation is at least half of the design's σ_d.
  const least = sigmaD / 2;
  const deviation = Math.max(least, populationDeviation(x));
  const robust = Math.max(least, 1.4826 * median(x.map((one) => Math.abs(one - middle))));
  const favourable = Math.max(center / deviation, middle / robust) + optimism / Math.sqrt(x.length);
  const have = Math.max(logEValue(d, delta0, sigmaD, side), Math.log(startShare));
  const gain = favourable > 0 ? pairsLeft * Math.max(...growthOf(favourable).map((one) => one.mean)) : 0;
  return have + gain < Math.log(1 / alpha);
}

/**
 * Guardrails that cannot be judged within the trial, each with the reason. The pairs are planned for a
 * metric that improves by its margin: a guardrail that even then cannot be proven will stay open.
 * @param baseline windows at the setting in force, oldest first
 * @param predicted gain of the objective, a fraction: a latency that falls with it is proven not to have grown sooner
 */
export function unjudgeable(design: TrialDesign, baseline: readonly Window[], predicted = 0): readonly string[] {
  const shortage = shortages(design, baseline, predicted);
  return design.goal.guardrails.flatMap((guardrail) => {
    const reason = shortage(guardrail);
    return reason === null ? [] : [`${guardrail.text}: ${reason}`];
  });
}

/** What trials of this design lack to judge a guardrail, in words; null where they lack nothing. */
export function shortages(
  design: TrialDesign,
  baseline: readonly Window[],
  predicted: number,
): (guardrail: Guardrail) => string | null {
  const steady = baseline.filter((window) => window.steady);
  const usable = (design.overloaded ? atOneBacklog(steady) : steady).filter(({ latency }) => latency.count > 0);
  const spanMs = usable.reduce((sum, window) => sum + window.endMs - window.startMs, 0);
  const calls = usable.reduce((sum, window) => sum + window.latency.count, 0);
  const perWindow = (calls / Math.max(1, spanMs)) * design.windowMs;
  const pairs = Math.min(design.maxPairs, pairsInTime(design));
  // A longer window varies less, as the mean of so many of the baseline's: of a service that swings it hides the swings.
  const times = swings(usable) ? 1 : (design.windowMs * usable.length) / Math.max(1, spanMs);
  const calmer = Math.sqrt(Math.max(1, times));
  const trial = { alpha: design.alpha, perWindow, pairs, calmer, shorter: shorterBy(design, predicted) };
  return (guardrail) => shortageOf(guardrail, usable, trial);
}

/** The pairs that the time allows, of windows as long as these. At most `mostPairs`. */
export function pairsInTime(design: Pick<TrialDesign, 'windowMs' | 'discardMs' | 'maxDurationMs'>): number {
  return Math.min(mostPairs, Math.floor(design.maxDurationMs / pairMsOf(design)));
}

/** As `pairsInTime`, of windows as long as those at rest. */
export function pairsAtRest({
  windowMs,
  maxDurationMs,
}: {
  readonly windowMs: number;
  readonly maxDurationMs: number;
}) {
  return pairsInTime({ windowMs, discardMs: discardFraction * windowMs, maxDurationMs });
}

/** Milliseconds that a pair takes. */
export function pairMsOf({ windowMs, discardMs }: Pick<TrialDesign, 'windowMs' | 'discardMs'>): number {
  return 2 * (windowMs + discardMs);
}

/** Its level goes to and fro: a longer window holds it high and low, so that no trial would see them apart. */
function swings(windows: readonly Window[]): boolean {
  const counts = windows.map((window) => window.latency.count);
  const calls = mean(counts, 0);
  const changes = counts.slice(1).map((count, i) => Math.log(count / (counts[i] as number)));
  return calls >= swinging.calls && rootMeanSquare(changes, 0) > swinging.times * Math.sqrt(2 / calls);
}

/**
 * Log of how much shorter calls are expected to take. Calls of a closed loop that come out sooner took less long, and so
 * did those of an open one: more of them come out, or within the limit, only as they wait less.
 */
function shorterBy({ goal }: TrialDesign, predicted: number): number {
  return goal.objective.metric !== 'cpu' && predicted > 0 ? Math.log1p(predicted) : 0;
}

interface PlannedTrial {
  readonly alpha: number;
  /** Calls in a window. */
  readonly perWindow: number;
  readonly pairs: number;
  /** σ of a baseline's window over that of the trial's. */
  readonly calmer: number;
  /** Log of how much shorter calls are expected to take. */
  readonly shorter: number;
}

/** What the trial lacks to judge the guardrail, in words; null where it lacks nothing. */
function shortageOf(
  guardrail: Guardrail,
  baseline: readonly Window[],
  { alpha, perWindow, pairs, calmer, shorter }: PlannedTrial,
): string | null {
  const { metric, kind } = guardrail;
  // Every window tells of memory.
  if (metric === 'rss') return null;
  const calls = Math.floor(perWindow * pairs);
  if (metric === 'errors' || (kind === 'absolute' && metric !== 'mean' && metric !== 'cpu')) {
    const allowed =
      kind === 'relative'
        ? guardrail.margin
        : metric === 'errors'
          ? guardrail.limit
          : 1 - quantileOf(metric as `p${number}`);
    const needed = callsNeeded(allowed, kind === 'relative' ? alpha / 2 : alpha);
    return needed <= calls ? null : `${needed} calls an arm are needed, ${calls} are expected in ${pairs} pairs`;
  }
  const together = Math.max(1, Math.ceil(blockCalls(metric) / Math.max(1e-9, perWindow)));
  const blocks = Math.floor(pairs / together);
  // An absolute limit has no margin, and how far the metric is from it only the trial shows.
  // Half of what is predicted is counted on, for predictions err.
  const shift = (margin: number) =>
    Math.max(2 * Math.log1p(margin), metric === 'cpu' ? 0 : Math.log1p(margin) + shorter / 2);
  const sigma = () => Math.max(0.001, blockSigma(metric, baseline, together) / calmer);
  const r = kind === 'absolute' ? Infinity : shift(guardrail.margin) / sigma();
  const needed = pairsForShift(Math.min(r, 10), alpha);
  if (needed <= blocks) return null;
  const unit = together === 1 ? 'pairs' : `blocks of ${together} pairs`;
  return `${needed} ${unit} are needed at this noise and rate, ${blocks} fit in the trial`;
}

/** σ of d between adjacent blocks of `together` windows; 0.01 where there are too few blocks to estimate it. */
function blockSigma(metric: GuardedMetric, baseline: readonly Window[], together: number): number {
  const d: number[] = [];
  for (let i = 0; i + 2 * together <= baseline.length; i += together) {
    const one = guardedDifference(
      metric,
      baseline.slice(i, i + together),
      baseline.slice(i + together, i + 2 * together),
    );
    if (one !== null) d.push(one);
  }
  if (d.length < 3) return 0.01;
  return Math.max(0.001, rootMeanSquare(d));
}

/** Mean and deviation of what one pair adds to each component's log evidence when x/σ ~ N(r, 1). */
function growthOf(
  r: number,
): readonly { readonly weight: number; readonly mean: number; readonly deviation: number }[] {
  return bets.map(({ scale, size, weight }) => {
    let expected = 0;
    let square = 0;
    for (const { z, mass } of normal) {
      const log = Math.log1p(size * Math.tanh(scale * (r + z)));
      expected += mass * log;
      square += mass * log * log;
    }
    return { weight, mean: expected, deviation: Math.sqrt(Math.max(0, square - expected * expected)) };
  });
}

const normal = (() => {
  const points = Array.from({ length: 41 }, (_, i) => (i - 20) / 5);
  const total = points.reduce((sum, z) => sum + Math.exp((-z * z) / 2), 0);
  return points.map((z) => ({ z, mass: Math.exp((-z * z) / 2) / total }));
})();

/**
 * The readings of the guardrails, after each pair: is what must not get worse still good enough under
 * the candidate?
 *
 *   absolute `p99 < 50ms`, `errors < 0.1%` ── fraction of calls beyond the limit ──▶ exceedance.ts
 *   absolute `mean < 5ms`, `cpu < 2ms`     ── log(limit / value) per window ────────▶ e-value.ts
 *   relative `p99 within 10%`              ── d per super-block, δ₀ = −margin ──────▶ super-blocks.ts
 *   relative `errors within 0.1pp`         ── both arms' error fractions ───────────▶ exceedance.ts
 *   absolute `rss < 1.5GB`                 ── peaks of the whole process ───────────▶ memory-limit.ts
 *
 * `holds` is proven at α and `broken` at α/(1 + G) for G guardrails. A commit needs all of them to
 * hold, so that more guardrails never make a false commit likelier. One that is broken ends the trial,
 * and there the errors of G + 1 tests add up. Where data are absent it is `unjudged`, which holds nothing.
 */
import type { GuardedMetric, Guardrail, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import type { GuardrailReading, TrialDesign } from '../entries/entries.ts';
import { isProven, logInterval } from './e-value.ts';
import { type Exceeded, fractionBounds, logFractionEvidence } from './exceedance.ts';
import { rssWithin } from './memory-limit.ts';
import { failuresOf, guardedValue, latencyOf, quantileOf } from './metric.ts';
import type { Pair } from './pairs.ts';
import { type Judged, pointsText, relative, scaleBlocks, scaleOf } from './super-blocks.ts';

/** The windows that a guardrail is read from. */
export interface Arms {
  readonly baseline: readonly Window[];
  readonly candidate: readonly Window[];
  /** The reading of a margin on a metric: its change must stay above δ₀. How it is proven depends on how the arms came about. */
  readonly change: (metric: GuardedMetric, delta0: number) => Judged;
  /** Memory of the process before the candidate, bytes. Absent: not known. */
  readonly rssBeforeBytes?: number;
}

/** The levels at which a guardrail is proven to hold, and to be broken. */
export interface Levels {
  readonly holds: number;
  readonly broken: number;
}

/** A reading whose words are made when somebody reads them. */
export interface UntoldReading extends Omit<GuardrailReading, 'detail'>, Judged {}

export function told(reading: UntoldReading): GuardrailReading {
  return { ...reading, detail: reading.detail() };
}

export function readGuardrails(design: TrialDesign, pairs: readonly Pair[]): readonly UntoldReading[] {
  const levels: Levels = { holds: design.alpha, broken: lossAlpha(design) };
  const arms: Arms = {
    baseline: pairs.map((pair) => pair.baseline),
    candidate: pairs.map((pair) => pair.candidate),
    change: (metric, delta0) => relative(metric, delta0, pairs, levels.holds, levels.broken),
    ...(design.rssBeforeBytes !== undefined && { rssBeforeBytes: design.rssBeforeBytes }),
  };
  const judgedMs = arms.candidate.reduce((sum, window) => sum + window.endMs - window.startMs, 0);
  return design.goal.guardrails.map((guardrail) => {
    const reading = readGuardrail(guardrail, arms, levels);
    // What held for seconds may not hold for a day, so that it says for how long it was looked at.
    const detail = () => `${reading.detail()}, judged over ${durationText(judgedMs)}`;
    return judgedMs > 0 ? { ...reading, detail, judgedMs } : reading;
  });
}

/** The level at which a loss is proven. The objective and all guardrails share α, since any of them ends the trial. */
export function lossAlpha({ alpha, goal }: Pick<TrialDesign, 'alpha' | 'goal'>): number {
  return alpha / (1 + goal.guardrails.length);
}

export function readGuardrail(guardrail: Guardrail, arms: Arms, levels: Levels): UntoldReading {
  const baseline = guardedValue(guardrail.metric, arms.baseline);
  const candidate = guardedValue(guardrail.metric, arms.candidate);
  const silent = untoldCalls(guardrail.metric, [...arms.baseline, ...arms.candidate]);
  if (!candidate || (!baseline && guardrail.kind === 'relative') || silent > 0) {
    return {
      guardrail,
      // Where no window was measured yet, nothing is absent.
      state: arms.candidate.length > 0 ? 'unjudged' : 'undecided',
      baseline: baseline?.value ?? 0,
      candidate: candidate?.value ?? 0,
      detail: () =>
        guardrail.metric === 'rss'
          ? 'no window tells of memory'
          : silent > 0
            ? `the latency of ${silent} calls was not told`
            : 'no calls to judge by',
    };
  }
  const judged =
    guardrail.kind === 'absolute'
      ? absolute(guardrail, arms, levels)
      : guardrail.metric === 'errors'
        ? errorsWithin(guardrail.margin, arms, levels)
        : arms.change(guardrail.metric, -Math.log1p(guardrail.margin));
  return { guardrail, baseline: baseline?.value ?? 0, candidate: candidate.value, ...judged };
}

/**
 * Ok calls whose latency is missing from the windows, so that nobody knows whether they were slow. Calls
 * that were in flight when a window began may be of an earlier setting, and rightly have none.
 */
function untoldCalls(metric: GuardedMetric, windows: readonly Window[]): number {
  if (metric === 'errors' || metric === 'cpu' || metric === 'rss') return 0;
  return windows.reduce(
    (sum, { outcomes, latency, backlogAtStart }) => sum + Math.max(0, outcomes.ok - latency.count - backlogAtStart),
    0,
  );
}

function absolute(
  { metric, limit }: Extract<Guardrail, { kind: 'absolute' }>,
  arms: Arms,
  levels: Levels,
): JudgedLimit {
  if (metric === 'mean' || metric === 'cpu') return absoluteMean(metric, limit, arms, levels);
  if (metric === 'rss') return rssWithin(limit, arms, arms.rssBeforeBytes);
  const allowed = metric === 'errors' ? limit : 1 - quantileOf(metric);
  const beyond = (window: Window) => (metric === 'errors' ? errorsIn(window) : above(window, limit));
  const [ofBaseline, ofCandidate] = [arms.baseline.map(beyond), arms.candidate.map(beyond)];
  if (side(ofBaseline, allowed, levels.holds) === 'above') return withBrokenAnchor(metric, arms);
  const beside = besideOf(ofCandidate, ofBaseline, allowed);
  const { estimate, high } = fractionBounds(ofCandidate, levels.holds, allowed, beside);
  const what = metric === 'errors' ? 'of calls failed' : `of calls above ${durationText(limit)}`;
  const detail = () => `${percent(estimate)} ${what}, at most ${percent(high)}, allowed ${percent(allowed)}`;
  if (side(ofCandidate, allowed, levels.holds, beside) === 'below') return { state: 'holds', detail };
  if (side(ofCandidate, allowed, levels.broken) !== 'above') return { state: 'undecided', detail };
  const before = fractionOf(ofBaseline);
  return isAsBad(before, allowed, estimate)
    ? brokenByBoth(detail, `${percent(before)} ${what}`)
    : { state: 'broken', detail };
}

interface JudgedLimit extends Judged {
  readonly byBoth?: boolean;
}

/** The baseline is beyond what is allowed, and by so much that nobody would call the candidate alone to blame. */
function isAsBad(before: number, allowed: number, after: number): boolean {
  return before > allowed && before >= after / 2;
}

/** The baseline has too few windows to prove that it breaks the limit; what they tell is said all the same. */
function brokenByBoth(detail: () => string, before: string): JudgedLimit {
  return {
    state: 'broken',
    byBoth: true,
    detail: () => `${detail()}; the setting before breaks it as well: ${before}`,
  };
}

/** A limit on a mean: calls beyond it cannot be counted, so each window gives one value of log(limit / value). */
function absoluteMean(metric: 'mean' | 'cpu', limit: number, arms: Arms, levels: Levels): JudgedLimit {
  const margins = (windows: readonly Window[]) =>
    windows.flatMap((window) => {
      const value = guardedValue(metric, [window])?.value;
      return value !== undefined && value > 0 ? [Math.log(limit / value)] : [];
    });
  const ofBaseline = margins(arms.baseline);
  const ofCandidate = margins(arms.candidate);
  if (ofCandidate.length < scaleBlocks)
    return { state: 'undecided', detail: () => `${ofCandidate.length} windows so far` };
  if (ofBaseline.length >= scaleBlocks && isProven(ofBaseline, 0, scaleOf(ofBaseline, 0), 'less', levels.holds))
    return withBrokenAnchor(metric, arms);
  const sigma = scaleOf(ofCandidate, 0);
  const detail = () => {
    const { low } = logInterval(ofCandidate, sigma, levels.holds);
    return `at most ${low === -Infinity ? 'anything yet' : durationText(limit * Math.exp(-low))}, limit ${durationText(limit)}`;
  };
  if (isProven(ofCandidate, 0, sigma, 'greater', levels.holds)) return { state: 'holds', detail };
  if (!isProven(ofCandidate, 0, sigma, 'less', levels.broken)) return { state: 'undecided', detail };
  const before = guardedValue(metric, arms.baseline)?.value ?? 0;
  const after = guardedValue(metric, arms.candidate)?.value ?? 0;
  return isAsBad(before, limit, after)
    ? brokenByBoth(detail, `${metric} ${durationText(before)}`)
    : { state: 'broken', detail };
}

/** The reading where the anchor breaks the limit too: the candidate must be better than the anchor instead. */
function withBrokenAnchor(metric: GuardedMetric, { change }: Arms): Judged {
  const { state, detail } = change(metric, 0);
  return { state, detail: () => `the anchor breaks the limit too, so better is required: ${detail()}` };
}

/** A margin on errors. Differences of sparse errors are not symmetric, as the engine's bets require, so both arms' counts are compared. */
function errorsWithin(margin: number, { baseline, candidate }: Arms, levels: Levels): Judged {
  const ofBaseline = baseline.map(errorsIn);
  const ofCandidate = candidate.map(errorsIn);
  const asLarge = besideOf(ofCandidate, ofBaseline, margin);
  const difference = (level: number, clusters = false) => {
    // Each arm's bound takes half of the level.
    const before = fractionBounds(ofBaseline, level / 2, margin, clusters ? ofCandidate : []);
    const after = fractionBounds(ofCandidate, level / 2, margin, clusters ? asLarge : []);
    return { estimate: after.estimate - before.estimate, low: after.low - before.high, high: after.high - before.low };
  };
  // That it holds is shown with clusters as large as those of either arm.
  const { estimate, high } = difference(levels.holds, true);
  const detail = () =>
    `${pointsText(estimate)} more errors, at most ${pointsText(high)}, allowed ${pointsText(margin)}`;
  if (high <= margin) return { state: 'holds', detail };
  return { state: difference(levels.broken).low > margin ? 'broken' : 'undecided', detail };
}

/**
 * Windows whose clusters the candidate's are taken to be as large as. An outage that met the baseline alone is none of the
 * candidate's: one that did no worse, by calls and by windows beyond what is allowed, is judged by its own. Otherwise
 * one window of the baseline with 100 of 500 calls failed would keep a candidate without a failure from ever being kept.
 */
function besideOf(candidate: readonly Exceeded[], baseline: readonly Exceeded[], allowed: number): readonly Exceeded[] {
  const badOf = (windows: readonly Exceeded[]) =>
    fractionOf(windows.map(({ exceeded, count }) => ({ exceeded: Number(exceeded > allowed * count), count: 1 })));
  const isNoWorse = fractionOf(candidate) <= fractionOf(baseline) && badOf(candidate) <= badOf(baseline);
  return isNoWorse ? [] : baseline;
}

function side(
  windows: readonly Exceeded[],
  allowed: number,
  alpha: number,
  beside: readonly Exceeded[] = [],
): 'below' | 'above' | 'unknown' {
  if (logFractionEvidence(windows, allowed, beside) < Math.log(1 / alpha)) return 'unknown';
  const exceeded = windows.reduce((sum, window) => sum + window.exceeded, 0);
  const count = windows.reduce((sum, window) => sum + window.count, 0);
  return exceeded < allowed * count ? 'below' : 'above';
}

function fractionOf(windows: readonly Exceeded[]): number {
  const count = windows.reduce((sum, window) => sum + window.count, 0);
  return count > 0 ? windows.reduce((sum, window) => sum + window.exceeded, 0) / count : 0;
}

function errorsIn(window: Window): Exceeded {
  const { failed, judged } = failuresOf([window]);
  return { exceeded: failed, count: judged };
}

function above(window: Window, limitMs: number): Exceeded {
  const latency = latencyOf([window]);
  return { exceeded: latency.count - countAtOrBelow(latency, limitMs), count: latency.count };
}

function percent(fraction: number): string {
  return `${(100 * fraction).toPrecision(2)} %`;
}

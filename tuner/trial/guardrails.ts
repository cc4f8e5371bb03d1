/**
 * The readings of the guardrails, after each pair: is what must not get worse still good enough under
 * the candidate?
 *
 *   absolute `p99 < 50ms`, `errors < 0.1%` ── fraction of calls beyond the limit ──▶ exceedance.ts
 *   absolute `mean < 5ms`, `cpu < 2ms`     ── log(limit / value) per window ────────▶ e-value.ts
 *   relative `p99 within 10%`              ── d per super-block, δ₀ = −margin ──────▶ super-blocks.ts
 *   relative `errors within 0.1pp`         ── both arms' error fractions ───────────▶ exceedance.ts
 *
 * `holds` is proven at α and `broken` at α/(1 + G) for G guardrails. A commit needs all of them to
 * hold, so that more guardrails never make a false commit likelier. One that is broken ends the trial,
 * and there the errors of G + 1 tests add up.
 */
import type { GuardedMetric, Guardrail, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import type { GuardrailReading, TrialDesign } from '../entries/entries.ts';
import { isProven, logInterval } from './e-value.ts';
import { type Exceeded, fractionBounds, logFractionEvidence } from './exceedance.ts';
import { failuresOf, guardedValue, latencyOf, quantileOf } from './metric.ts';
import type { Pair } from './pairs.ts';
import { type Judged, pointsText, relative, scaleBlocks, scaleOf } from './super-blocks.ts';

export function readGuardrails(design: TrialDesign, pairs: readonly Pair[]): readonly GuardrailReading[] {
  const brokenAlpha = lossAlpha(design);
  return design.goal.guardrails.map((guardrail) => read(guardrail, pairs, design.alpha, brokenAlpha));
}

/** The level at which a loss is proven. The objective and all guardrails share α, since any of them ends the trial. */
export function lossAlpha(design: TrialDesign): number {
  return design.alpha / (1 + design.goal.guardrails.length);
}

function read(guardrail: Guardrail, pairs: readonly Pair[], alpha: number, brokenAlpha: number): GuardrailReading {
  const baseline = guardedValue(
    guardrail.metric,
    pairs.map((pair) => pair.baseline),
  );
  const candidate = guardedValue(
    guardrail.metric,
    pairs.map((pair) => pair.candidate),
  );
  if (!baseline || !candidate) {
    return {
      guardrail,
      state: 'undecided',
      baseline: baseline?.value ?? 0,
      candidate: candidate?.value ?? 0,
      detail: 'no calls to judge by',
    };
  }
  const judged =
    guardrail.kind === 'absolute'
      ? absolute(guardrail, pairs, alpha, brokenAlpha)
      : guardrail.metric === 'errors'
        ? errorsWithin(guardrail.margin, pairs, alpha, brokenAlpha)
        : relative(guardrail.metric, -Math.log1p(guardrail.margin), pairs, alpha, brokenAlpha);
  return { guardrail, baseline: baseline.value, candidate: candidate.value, ...judged };
}

function absolute(
  { metric, limit }: Extract<Guardrail, { kind: 'absolute' }>,
  pairs: readonly Pair[],
  alpha: number,
  brokenAlpha: number,
): Judged {
  if (metric === 'mean' || metric === 'cpu') return absoluteMean(metric, limit, pairs, alpha, brokenAlpha);
  const allowed = metric === 'errors' ? limit : 1 - quantileOf(metric);
  const beyond = (window: Window) => (metric === 'errors' ? errorsIn(window) : above(window, limit));
  const ofBaseline = pairs.map((pair) => beyond(pair.baseline));
  const ofCandidate = pairs.map((pair) => beyond(pair.candidate));
  if (side(ofBaseline, allowed, alpha) === 'above') return withBrokenAnchor(metric, pairs, alpha, brokenAlpha);
  const { estimate, high } = fractionBounds(ofCandidate, alpha, allowed);
  const what = metric === 'errors' ? 'of calls failed' : `of calls above ${durationText(limit)}`;
  const detail = `${percent(estimate)} ${what}, at most ${percent(high)}, allowed ${percent(allowed)}`;
  if (side(ofCandidate, allowed, alpha) === 'below') return { state: 'holds', detail };
  return { state: side(ofCandidate, allowed, brokenAlpha) === 'above' ? 'broken' : 'undecided', detail };
}

/** A limit on a mean: calls beyond it cannot be counted, so each window gives one value of log(limit / value). */
function absoluteMean(
  metric: 'mean' | 'cpu',
  limit: number,
  pairs: readonly Pair[],
  alpha: number,
  brokenAlpha: number,
): Judged {
  const margins = (windows: readonly Window[]) =>
    windows.flatMap((window) => {
      const value = guardedValue(metric, [window])?.value;
      return value !== undefined && value > 0 ? [Math.log(limit / value)] : [];
    });
  const ofBaseline = margins(pairs.map((pair) => pair.baseline));
  const ofCandidate = margins(pairs.map((pair) => pair.candidate));
  if (Math.min(ofBaseline.length, ofCandidate.length) < scaleBlocks)
    return { state: 'undecided', detail: `${ofCandidate.length} windows so far` };
  if (isProven(ofBaseline, 0, scaleOf(ofBaseline, 0), 'less', alpha))
    return withBrokenAnchor(metric, pairs, alpha, brokenAlpha);
  const sigma = scaleOf(ofCandidate, 0);
  const { low } = logInterval(ofCandidate, sigma, alpha);
  const detail = `at most ${low === -Infinity ? 'anything yet' : durationText(limit * Math.exp(-low))}, limit ${durationText(limit)}`;
  if (isProven(ofCandidate, 0, sigma, 'greater', alpha)) return { state: 'holds', detail };
  return { state: isProven(ofCandidate, 0, sigma, 'less', brokenAlpha) ? 'broken' : 'undecided', detail };
}

/** The reading where the anchor breaks the limit too: the candidate must be better than the anchor instead. */
function withBrokenAnchor(metric: GuardedMetric, pairs: readonly Pair[], alpha: number, brokenAlpha: number): Judged {
  const { state, detail } = relative(metric, 0, pairs, alpha, brokenAlpha);
  return { state, detail: `the anchor breaks the limit too, so better is required: ${detail}` };
}

/** A margin on errors. Differences of sparse errors are not symmetric, as the engine's bets require, so both arms' counts are compared. */
function errorsWithin(margin: number, pairs: readonly Pair[], alpha: number, brokenAlpha: number): Judged {
  const ofBaseline = pairs.map((pair) => errorsIn(pair.baseline));
  const ofCandidate = pairs.map((pair) => errorsIn(pair.candidate));
  const difference = (level: number) => {
    // Each arm's bound takes half of the level.
    const before = fractionBounds(ofBaseline, level / 2, margin);
    const after = fractionBounds(ofCandidate, level / 2, margin);
    return { estimate: after.estimate - before.estimate, low: after.low - before.high, high: after.high - before.low };
  };
  const { estimate, high } = difference(alpha);
  const detail = `${pointsText(estimate)} more errors, at most ${pointsText(high)}, allowed ${pointsText(margin)}`;
  if (high <= margin) return { state: 'holds', detail };
  return { state: difference(brokenAlpha).low > margin ? 'broken' : 'undecided', detail };
}

function side(windows: readonly Exceeded[], allowed: number, alpha: number): 'below' | 'above' | 'unknown' {
  if (logFractionEvidence(windows, allowed) < Math.log(1 / alpha)) return 'unknown';
  const exceeded = windows.reduce((sum, window) => sum + window.exceeded, 0);
  const count = windows.reduce((sum, window) => sum + window.count, 0);
  return exceeded < allowed * count ? 'below' : 'above';
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

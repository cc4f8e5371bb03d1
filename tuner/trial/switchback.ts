/**
 * A trial of windows, as a function from the windows seen so far to the next window to measure, or to
 * the result.
 *
 *   seen ── sortWindows ──▶ pairs ── breakers, pairs ──▶ ending? ── resultOf ──▶ TrialResult
 *                                           └─ none ── windowAt ──▶ the next window
 *
 * The trial is pure: the same design and windows give the same answer, so a ledger replays.
 */

import type { Interval, Measured } from '../../src/contracts.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import type { GuardrailReading, OpenGuardrail, PairPoint, TrialDesign, TrialResult } from '../entries/entries.ts';
import { readChecks } from './checks.ts';
import { unboundedHigh } from './e-value.ts';
import { readGuardrails, told, type UntoldReading } from './guardrails.ts';
import { objectiveOf } from './metric.ts';
import { type Conclusion, effectOf, type PairRules } from './pair-rules.ts';
import { type Pair, pairPoints, sortWindows } from './pairs.ts';
import { type WindowPlan, windowAt } from './schedule.ts';
import { mean } from './statistics.ts';
import { ratioOfSums, sumsInterval } from './sums.ts';
import { breakerEnding, pairsEnding, questions, rulesOf } from './verdict.ts';

export interface TrialState {
  /** The usable pairs so far, in order. */
  readonly pairs: readonly PairPoint[];
  /** Guardrails a commit still waits for, each with what is known of it. */
  readonly waitsFor: readonly OpenGuardrail[];
  readonly step: WindowPlan | { readonly result: TrialResult };
}

/**
 * The next window to measure, or the result.
 * @param seen windows in the order of measurement, those of the ramp first, without what was discarded
 * @param between windows that are no part of a pair, in their order
 */
export function stepTrial(
  design: TrialDesign,
  seen: readonly Measured[],
  between: readonly Measured[] = [],
): TrialState {
  const { points, waitsFor, rules, pairsEnd, endBy } = pairsRead(design, seen);
  const broken = breakerEnding(design, seen, between, rules);
  if (broken) return { pairs: points, waitsFor, step: { result: endBy(broken) } };
  const ended = pairsEnd();
  return { pairs: points, waitsFor, step: ended ? { result: ended } : windowAt(design, seen.length) };
}

interface PairsRead {
  readonly design: TrialDesign;
  readonly points: readonly PairPoint[];
  readonly waitsFor: readonly OpenGuardrail[];
  readonly rules: PairRules;
  /** The result that the pairs prove; null: none yet. */
  readonly pairsEnd: () => TrialResult | null;
  readonly endBy: (ending: Conclusion) => TrialResult;
  /** Windows that were read, should more be added to the same array. */
  readonly count: number;
}

/**
 * What the pairs say is read once: a hold-back has many windows between two pairs, after each of which only the
 * breakers know anything new. The cache changes what a step costs and never what it returns.
 */
const cachedReads = new WeakMap<readonly Measured[], PairsRead>();

function pairsRead(design: TrialDesign, seen: readonly Measured[]): PairsRead {
  const known = cachedReads.get(seen);
  if (known?.design === design && known.count === seen.length) return known;
  const sorted = sortWindows(design, seen);
  const guardrails = once(() => readGuardrails(design, sorted.pairs));
  const checks = once(() => readChecks(design, seen, sorted.pairs));
  const rules = rulesOf(design, sorted, { guardrails, checks });
  const judged = design.purpose === 'candidate' && sorted.atPairEnd ? guardrails() : [];
  const endBy = (ending: Conclusion) =>
    resultOf(design, seen, sorted.pairs, ending, { guardrails: guardrails(), checks: checks() });
  const read: PairsRead = {
    design,
    points: pairPoints(design, sorted.pairs),
    waitsFor: judged
      .filter((one) => one.state !== 'holds')
      .map(({ guardrail, detail }) => ({ text: guardrail.text, detail: detail() })),
    rules,
    pairsEnd: once(() => {
      const ending = pairsEnding(design, seen, sorted, rules);
      return ending && endBy(ending);
    }),
    endBy,
    count: seen.length,
  };
  cachedReads.set(seen, read);
  return read;
}

function resultOf(
  design: TrialDesign,
  seen: readonly Measured[],
  pairs: readonly Pair[],
  ending: Conclusion,
  readings: Pick<TrialResult, 'checks'> & { readonly guardrails: readonly UntoldReading[] },
): TrialResult {
  const windows = (arm: Measured['arm']) => seen.filter((one) => one.arm === arm).map((one) => one.window);
  const baseline = windows('baseline');
  const candidate = windows('candidate');
  const calls = (of: typeof baseline) => of.reduce((sum, window) => sum + settledOf(window.outcomes), 0);
  const paired = pairs.length > 0;
  const sums = ratioOfSums(design.goal.objective, baseline, candidate);
  const metric = (of: typeof baseline) => {
    const values = of.map((window) => objectiveOf(design.goal.objective, window)).filter((value) => value !== null);
    return mean(values, 0);
  };
  const metrics = {
    baseline: metric(paired ? pairs.map((pair) => pair.baseline) : baseline),
    candidate: metric(paired ? pairs.map((pair) => pair.candidate) : candidate),
  };
  return {
    verdict: ending.verdict,
    trigger: ending.trigger,
    effect: paired
      ? effectOf(
          questions[design.purpose],
          design,
          pairs.map((pair) => pair.d),
        )
      : roughEffect(design, metrics),
    allCalls: sums && sumsInterval(sums),
    eValue: Math.min(Number.MAX_VALUE, Math.exp(ending.logE)),
    reason: ending.reason,
    pairs: pairs.length,
    windows: { baseline: baseline.length, candidate: candidate.length },
    calls: { baseline: calls(baseline), candidate: calls(candidate) },
    metric: metrics,
    guardrails: readings.guardrails.map((reading) => unjudgedAtEnd(reading, pairs.length)),
    checks: readings.checks,
  };
}

/** The effect of a trial that ended before its first pair: an estimate from its windows, without bounds. */
function roughEffect(design: TrialDesign, metric: TrialResult['metric']): Interval {
  const { baseline, candidate } = metric;
  const ratio = design.goal.objective.direction === 'maximize' ? candidate / baseline : baseline / candidate;
  const estimate = Number.isFinite(ratio) ? Math.min(unboundedHigh, ratio - 1) : 0;
  return { estimate, low: -1, high: unboundedHigh, level: 1 - 2 * design.alpha };
}

/** The reading at the end. Where no pair could be used the guardrail is `unjudged`, since no data left it `undecided`. */
function unjudgedAtEnd(reading: UntoldReading, pairs: number): GuardrailReading {
  return pairs === 0 ? { ...told(reading), state: 'unjudged' } : told(reading);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/**
 * Verdicts of trials that never ran. The e-values follow the engine's formula on a small grid of λ,
 * so that curves look like curves; no test of the statistics may rest on them.
 */

import type { Goal, Interval, Settings, Verdict } from '../../src/contracts.ts';
import type { Arm, OpenGuardrail, PairPoint, TrialPurpose, TrialResult, Trigger } from '../../tuner/entries/entries.ts';
import { mean } from '../../tuner/trial/statistics.ts';

/** What the trial of a sample does; `gain` is the true effect. */
export interface SampleTrial {
  readonly purpose?: TrialPurpose;
  readonly to?: Settings;
  readonly gain: number;
  readonly pairs: number;
  readonly verdict?: Verdict;
  readonly trigger?: Trigger;
  readonly decision?: 'commit' | 'revert' | 'hold';
  readonly predicted?: Interval;
  readonly proposalReason?: string;
  readonly reason?: string;
  /** After the verdict somebody is asked, and has not answered. */
  readonly asked?: boolean;
  /** Of a commit: nothing has made it the anchor yet. */
  readonly pending?: boolean;
  /** Stop after the pairs, without verdict and decision. */
  readonly cutOff?: boolean;
  /** With every pair: guardrails that do not hold yet. */
  readonly waitsFor?: readonly OpenGuardrail[];
}

export function sampleResult(
  plan: SampleTrial,
  goal: Goal,
  points: readonly PairPoint[],
  calls: TrialResult['calls'],
): TrialResult {
  const last = points.at(-1);
  const metricOf = (arm: Arm) =>
    mean(
      points.map((one) => one[arm]),
      0,
    );
  const trigger = plan.trigger ?? 'better';
  return {
    verdict: plan.verdict ?? 'better',
    trigger,
    effect: last?.effect ?? { estimate: 0, low: -0.99, high: 99, level: 0.99 },
    eValue: plan.verdict === 'equivalent' ? 240 : 10 ** Math.max(last?.log10Better ?? 0, last?.log10Worse ?? 0),
    reason: plan.reason ?? 'the e-value passed its line',
    pairs: points.length,
    windows: { baseline: points.length, candidate: points.length },
    calls,
    metric: { baseline: metricOf('baseline'), candidate: metricOf('candidate') },
    guardrails: goal.guardrails.map((guardrail) => ({
      guardrail,
      state: trigger === 'guardrail' || trigger === 'limit broken by both' ? 'broken' : 'holds',
      baseline: guardrail.metric === 'errors' ? 0.0002 : 17.2,
      candidate: guardrail.metric === 'errors' ? 0.0002 : 3.4,
      detail: 'upper bound below the limit',
    })),
    checks: (['accounting', 'carry-over', 'effective', 'steady'] as const).map((name) => ({
      name,
      passed: true,
      detail: '',
    })),
  };
}

/** log10 of the mixture over λ of ∏ exp(λx)/cosh(λx), x = d − δ₀. */
export function logE(ds: readonly number[], delta: number, sign: 1 | -1): number {
  const terms = [0.5, 1, 2, 4].map((scale) =>
    ds.reduce((sum, d) => {
      const x = ((sign * scale) / 0.031) * (d - delta);
      return sum + x - (Math.abs(x) + Math.log1p(Math.exp(-2 * Math.abs(x))) - Math.LN2);
    }, 0),
  );
  const top = Math.max(...terms);
  return (top + Math.log(terms.reduce((sum, one) => sum + Math.exp(one - top), 0) / terms.length)) / Math.LN10;
}

export function effectOf(ds: readonly number[]): Interval {
  const center = mean(ds);
  const half = (ds.length < 7 ? 6 : 3) * (0.031 / Math.sqrt(ds.length));
  return { estimate: Math.expm1(center), low: Math.expm1(center - half), high: Math.expm1(center + half), level: 0.99 };
}

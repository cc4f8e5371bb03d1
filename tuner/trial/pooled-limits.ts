/**
 * The guardrails over all calls of each arm. In a trial a quantile is judged by the usual block of windows,
 * which a few bad ones hardly move; over all calls, bad windows are what a high quantile is made of.
 *
 *   all windows, the candidate's worst once more ── merged ──▶ the guarded metric of each arm ── beyond the limit? ──▶ says
 *   pairs ── calls beyond the limit in either window ── far apart? ──▶ whose the bad windows are
 *
 * The worst window counts once more because where few bad ones were met others were likely missed: without it a p99
 * that one window in 20 ruins stayed in a quarter of the commits.
 */
import type { GuardedMetric, Guardrail, Window } from '../../src/contracts.ts';
import { durationText } from '../../src/foundation/units.ts';
import { countAtOrBelow } from '../../src/measure/distribution.ts';
import { type FarPairs, farPairs } from './far-pairs.ts';
import { failuresOf, guardedDifference, guardedValue, latencyOf, quantileOf } from './metric.ts';
import type { AllWindows, Pair } from './pairs.ts';
import { pointsText } from './super-blocks.ts';

export interface BeyondLimit {
  readonly says: string;
  /** Beyond the limit as measured, and not only with a window more that is as bad as the worst. */
  readonly isBeyond: boolean;
  readonly far: FarPairs;
}

/** A window is bad when so many times more of its calls are beyond the limit than may be. */
const badTimes = 5;

/** The guardrails that all calls together do not keep. */
export function pooledLimits(guardrails: readonly Guardrail[], windows: AllWindows): readonly BeyondLimit[] {
  // All calls say no more of memory than any of them: memory-limit.ts has read it in every window.
  const ofCalls = guardrails.filter(({ metric }) => metric !== 'rss');
  return ofCalls.flatMap((guardrail) => {
    const before = guardedValue(guardrail.metric, windows.baseline)?.value;
    const after = guardedValue(guardrail.metric, windows.candidate)?.value;
    if (before === undefined || after === undefined) return [];
    const limit = limitOf(guardrail, before);
    if (doubted(guardrail.metric, windows.candidate) <= limit) return [];
    const text = guardrail.metric === 'errors' ? pointsText : durationText;
    const isBeyond = after > limit;
    const how = isBeyond ? 'does not hold over all calls' : 'would not hold with one more window as bad as the worst';
    const says = `${guardrail.text} ${how}: ${text(after)} against ${text(before)}`;
    return [{ says, isBeyond, far: farIn(guardrail.metric, windows.pairs, { before, after: limit }) }];
  });
}

/** The metric over these windows and the worst of them once more. */
function doubted(metric: GuardedMetric, windows: readonly Window[]): number {
  const valueIn = (window: Window) => guardedValue(metric, [window])?.value ?? 0;
  const values = windows.map(valueIn);
  const worst = windows[values.indexOf(Math.max(...values))];
  return guardedValue(metric, worst ? [...windows, worst] : windows)?.value ?? 0;
}

/** What the metric may be under the candidate. Where the anchor breaks a limit too, the candidate need only be no worse. */
export function limitOf(guardrail: Guardrail, before: number): number {
  if (guardrail.kind === 'absolute') return Math.max(guardrail.limit, before);
  return guardrail.metric === 'errors' ? before + guardrail.margin : before * (1 + guardrail.margin);
}

function farIn(
  metric: GuardedMetric,
  pairs: readonly Pair[],
  limit: { readonly before: number; readonly after: number },
): FarPairs {
  if (metric === 'mean' || metric === 'cpu' || metric === 'rss')
    return farPairs(
      pairs.flatMap(({ baseline, candidate }) => guardedDifference(metric, [baseline], [candidate]) ?? []),
    );
  const allowed = metric === 'errors' ? limit.after : 1 - quantileOf(metric);
  // Of the calls of a usual window half are above its median, and a share of 1 is as bad as can be.
  const far = metric === 'errors' ? badTimes * allowed : Math.min(badTimes * allowed, (1 - allowed) / 2);
  const differences = pairs.map(
    ({ baseline, candidate }) => beyond(metric, candidate, limit.after) - beyond(metric, baseline, limit.before),
  );
  return {
    candidate: differences.filter((one) => one > far).length,
    baseline: differences.filter((one) => one < -far).length,
  };
}

/** Share of a window's calls that failed, or took longer. */
function beyond(metric: GuardedMetric, window: Window, limit: number): number {
  if (metric === 'errors') {
    const { failed, judged } = failuresOf([window]);
    return failed / Math.max(1, judged);
  }
  const latency = latencyOf([window]);
  return latency.count === 0 ? 0 : 1 - countAtOrBelow(latency, limit) / latency.count;
}

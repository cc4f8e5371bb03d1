/**
 * The numbers that a trial compares, from windows. Only this file knows which direction of a metric is
 * better: every d it returns is positive when the candidate is better.
 */
import type { Distribution, GuardedMetric, Objective, Window } from '../../src/contracts.ts';
import { countAtOrBelow, meanMs, quantileMs } from '../../src/measure/distribution.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { latencyWith } from './censored.ts';
import { mergedInBlocks } from './merges.ts';
import { peakRss } from './rss.ts';

/**
 * The objective's value in a window: goodput and throughput per second, mean in ms, cpu in ms a
 * call. 0 means that calls were there and none of them counts. null means that there is nothing to judge by.
 *
 * Throughput counts every ok call, since counters run even while recording is off. Goodput counts only
 * those offered under the window's own settings, because only these have a latency.
 */
export function objectiveOf(objective: Objective, window: Window): number | null {
  const seconds = secondsOf(window);
  if (!(seconds > 0)) return null;
  switch (objective.metric) {
    case 'goodput':
      return sawCalls(window) ? finite(countAtOrBelow(window.latency, objective.sloMs) / seconds) : null;
    case 'throughput':
      return sawCalls(window) ? finite(window.outcomes.ok / seconds) : null;
    case 'mean':
      return window.latency.count > 0 ? finite(meanMs(latencyOf([window]))) : null;
    case 'cpu':
      return window.outcomes.ok > 0 && window.cpuMs > 0 ? finite(window.cpuMs / window.outcomes.ok) : null;
  }
}

/** log(candidate / baseline), + is better; a rate of 0 counts as half a call. null where the two cannot be compared. */
export function logRatioOf(objective: Objective, baseline: Window, candidate: Window): number | null {
  const before = objectiveOf(objective, baseline);
  const after = objectiveOf(objective, candidate);
  if (before === null || after === null) return null;
  if (objective.direction === 'minimize') return before > 0 && after > 0 ? Math.log(before / after) : null;
  if (before === 0 && after === 0) return null;
  const ratio = Math.max(after, 0.5 / secondsOf(candidate)) / Math.max(before, 0.5 / secondsOf(baseline));
  return finite(Math.log(ratio));
}

/** A guarded metric over all of `windows` together, and the `count` of calls it rests on (of rss 0); null where there are none. */
export function guardedValue(
  metric: GuardedMetric,
  windows: readonly Window[],
): { readonly value: number; readonly count: number } | null {
  if (metric === 'errors') {
    const { failed, judged } = failuresOf(windows);
    return judged > 0 ? { value: failed / judged, count: judged } : null;
  }
  if (metric === 'cpu') {
    const calls = sum(windows, (window) => window.outcomes.ok);
    return calls > 0 ? { value: sum(windows, (window) => window.cpuMs) / calls, count: calls } : null;
  }
  if (metric === 'rss') {
    const value = peakRss(windows);
    return value === null ? null : { value, count: 0 };
  }
  const latency = latencyOf(windows);
  if (latency.count === 0) return null;
  const value = metric === 'mean' ? meanMs(latency) : quantileMs(latency, quantileOf(metric));
  return Number.isFinite(value) ? { value, count: latency.count } : null;
}

/** d of a guarded metric, + is better: a difference of fractions for errors, else a log ratio. */
export function guardedDifference(
  metric: GuardedMetric,
  baseline: readonly Window[],
  candidate: readonly Window[],
): number | null {
  const before = guardedValue(metric, baseline);
  const after = guardedValue(metric, candidate);
  if (!before || !after) return null;
  if (metric === 'errors') return before.value - after.value;
  return before.value > 0 && after.value > 0 ? Math.log(before.value / after.value) : null;
}

/** 'p99.9' → 0.999. */
export function quantileOf(metric: `p${number}`): number {
  // 99.9 / 100 is 0.9990000000000001 as a float.
  return Math.round(Number(metric.slice(1)) * 1e6) / 1e8;
}

/** The latency of all windows together, with what is known of the calls in flight at their ends. */
export function latencyOf(windows: readonly Window[]): Distribution {
  const all = (part: 'latency' | 'unfinished' | 'carried') => mergedInBlocks(windows.map((window) => window[part]));
  return latencyWith(all('latency'), all('unfinished'), all('carried'));
}

/** The calls that failed, and all that count. Calls that their caller cancelled do not count. */
export function failuresOf(windows: readonly Window[]): { readonly failed: number; readonly judged: number } {
  const judged = sum(windows, (window) => settledOf(window.outcomes) - window.outcomes.cancelled);
  return { failed: judged - sum(windows, (window) => window.outcomes.ok), judged };
}

export function secondsOf(window: Window): number {
  return (window.endMs - window.startMs) / 1000;
}

/** True when at least one call was there, even if none settled. */
export function sawCalls(window: Window): boolean {
  return window.offered > 0 || window.backlogAtStart > 0 || settledOf(window.outcomes) > 0;
}

function sum(windows: readonly Window[], of: (window: Window) => number): number {
  return windows.reduce((total, window) => total + of(window), 0);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

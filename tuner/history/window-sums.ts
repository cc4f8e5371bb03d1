/** Sums over several windows, from which views show latency, functions and stages. They are plain data. */
import type { Distribution, OutcomeCounts, Window } from '../../src/contracts.ts';
import { emptyDistribution, mergeDistributions } from '../../src/measure/distribution.ts';
import { addCounts, noOutcomes } from '../../src/measure/outcome-counts.ts';

export interface WindowSums {
  readonly windows: number;
  readonly spanMs: number;
  readonly okCalls: number;
  /** Ok calls a second of each window, added up. */
  readonly okRates: number;
  readonly cpuMs: number;
  readonly latency: Distribution;
  /** Ages of the calls under way when the windows began, and when they ended. */
  readonly carried: Distribution;
  readonly unfinished: Distribution;
  readonly byFunction: Readonly<Record<string, FunctionSums>>;
  readonly stageSamples: number;
  /** Milliseconds of all samples together, by stage in the order of first appearance. */
  readonly stageMs: Readonly<Record<string, number>>;
}

export interface FunctionSums {
  readonly outcomes: OutcomeCounts;
  readonly latency: Distribution;
}

export const noWindows: WindowSums = Object.freeze({
  windows: 0,
  spanMs: 0,
  okCalls: 0,
  okRates: 0,
  cpuMs: 0,
  latency: emptyDistribution,
  carried: emptyDistribution,
  unfinished: emptyDistribution,
  byFunction: {},
  stageSamples: 0,
  stageMs: {},
});

export function withWindow(sums: WindowSums, window: Window): WindowSums {
  const spanMs = window.endMs - window.startMs;
  const both = (part: 'latency' | 'carried' | 'unfinished') => mergeDistributions([sums[part], window[part]]);
  return {
    windows: sums.windows + 1,
    spanMs: sums.spanMs + spanMs,
    okCalls: sums.okCalls + window.outcomes.ok,
    okRates: sums.okRates + (spanMs > 0 ? (1000 * window.outcomes.ok) / spanMs : 0),
    cpuMs: sums.cpuMs + window.cpuMs,
    latency: both('latency'),
    carried: both('carried'),
    unfinished: both('unfinished'),
    byFunction: joined(sums.byFunction, window.byFunction, withFunction),
    stageSamples: sums.stageSamples + window.stageSamples,
    stageMs: joined(sums.stageMs, window.stages, (meanMs, before) => (before ?? 0) + meanMs * window.stageSamples),
  };
}

/** Those of the windows of both. */
export function bothSums(one: WindowSums, other: WindowSums): WindowSums {
  const both = (part: 'latency' | 'carried' | 'unfinished') => mergeDistributions([one[part], other[part]]);
  const total = (part: 'windows' | 'spanMs' | 'okCalls' | 'okRates' | 'cpuMs' | 'stageSamples') =>
    one[part] + other[part];
  return {
    windows: total('windows'),
    spanMs: total('spanMs'),
    okCalls: total('okCalls'),
    okRates: total('okRates'),
    cpuMs: total('cpuMs'),
    latency: both('latency'),
    carried: both('carried'),
    unfinished: both('unfinished'),
    byFunction: joined(one.byFunction, other.byFunction, withFunction),
    stageSamples: total('stageSamples'),
    stageMs: joined(one.stageMs, other.stageMs, (ms, before) => (before ?? 0) + ms),
  };
}

function withFunction({ outcomes, latency }: FunctionSums, before: FunctionSums | undefined): FunctionSums {
  return {
    outcomes: addCounts(before?.outcomes ?? noOutcomes, outcomes),
    latency: mergeDistributions([before?.latency ?? emptyDistribution, latency]),
  };
}

/** Throughput over all of the windows; null where there are none. */
export function okPerSecond({ okCalls, spanMs }: Pick<WindowSums, 'okCalls' | 'spanMs'>): number | null {
  return spanMs > 0 ? (okCalls * 1000) / spanMs : null;
}

/** Both records with `join` applied to every name of `more`. Object.fromEntries makes own properties, even of a function called __proto__. */
function joined<T, U>(
  sums: Readonly<Record<string, U>>,
  more: Readonly<Record<string, T>>,
  join: (one: T, before: U | undefined) => U,
): Readonly<Record<string, U>> {
  const all = new Map(Object.entries(sums));
  for (const [name, one] of Object.entries(more)) all.set(name, join(one, all.get(name)));
  return Object.fromEntries(all);
}

/**
 * Windows in a few numbers for people: latency, rate, memory, CPU, cache, errors, a row for each
 * function, and what stands out.
 *
 *   windows ── summarize ──▶ Summary (plain data)
 */
import {
  type CacheUse,
  type Distribution,
  type FunctionCounts,
  type OutcomeCounts,
  type Settings,
  type Window,
} from '../../src/contracts.ts';
import { usableCpus } from '../../src/foundation/cpus.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { mergeCacheUse } from '../../src/measure/cache-counts.ts';
import { meanMs, mergeDistributions, quantileMs } from '../../src/measure/distribution.ts';
import { addCounts, noOutcomes, settledOf } from '../../src/measure/outcome-counts.ts';
import { changes, sameSettings, settingsKey } from '../entries/settings.ts';
import { hasWorkers } from '../predict/context.ts';
import { type Point, widthKnobs, windowPoints } from '../predict/points.ts';
import { cpuInReach, isCpuBound, isCrossing, isHostBound, isUsedUp, usefulWidth } from '../predict/worker-use.ts';
import { type Recommendation, recommend, type WorkerFacts } from './recommendations.ts';

/** Fractions are of settled calls unless said otherwise; null where there is no data. */
export interface Summary {
  readonly windows: number;
  /** Sum of the windows' lengths. */
  readonly durationMs: number;
  /** Of the last window; null without windows. */
  readonly settings: Settings | null;
  /** True when the windows were not all at one setting: read the numbers as a mixture. */
  readonly mixedSettings: boolean;
  readonly offered: number;
  readonly settled: number;
  readonly outcomes: OutcomeCounts;
  /** Calls in flight at the end of the last window. */
  readonly inFlight: number;
  readonly latency: LatencySummary | null;
  /** Ok calls. */
  readonly operationsPerSecond: number | null;
  readonly peakBytes: number;
  /** Of the usable CPUs, all threads of the process. */
  readonly cpuFraction: number | null;
  readonly cores: number;
  /** Of the workers' time. */
  readonly busyFraction: number | null;
  /** Of references; null where no cache was asked. */
  readonly cacheHitFraction: number | null;
  /** Not ok, for whatever reason. */
  readonly errorFraction: number | null;
  readonly timeoutFraction: number | null;
  /**
   * Failed when the guest was refused something: an import, memory beyond its cap, a permission. Of memory that a
   * guest grows by its own code it is known only that it had grown up to its cap when the call failed.
   */
  readonly violationFraction: number | null;
  /** Mean ms of a sampled call in each stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** By calls, descending. */
  readonly functions: readonly FunctionSummary[];
  readonly recommendations: readonly Recommendation[];
}

/** Milliseconds, of ok calls, from the intended start. */
export interface LatencySummary {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface FunctionSummary {
  readonly name: string;
  readonly settled: number;
  readonly errorFraction: number;
  readonly latency: LatencySummary | null;
}

/**
 * @param windows of one executor, not overlapping, oldest first
 * @param cores CPUs the process could use, for windows of another machine. Default: read here
 * @param earlier windows at other settings, which no figure counts: they show whether more workers were better
 */
export function summarize(
  windows: readonly Window[],
  cores: number = usableCpus().count,
  earlier: readonly Window[] = [],
): Summary {
  const last = windows.at(-1);
  const durationMs = sum(windows, (window) => window.endMs - window.startMs);
  const counts = windows.reduce((all, window) => addCounts(all, window.outcomes), noOutcomes);
  const settled = settledOf(counts);
  const latency = mergeDistributions(windows.map((window) => window.latency));
  const wait = mergeDistributions(windows.map((window) => window.wait));
  const cache = windows.reduce<CacheUse | undefined>((all, window) => mergeCacheUse(all, window.cache), undefined);
  const stages = meanStages(windows);
  const overTime = (value: number) => (durationMs > 0 ? value / durationMs : Number.NaN);
  const busyFraction = overTime(sum(windows, ({ work, endMs, startMs }) => work.busyFraction * (endMs - startMs)));
  const cpuFraction = overTime(sum(windows, (window) => window.cpuMs)) / cores;
  const [point = null, ...others] = pointsOf(windows, earlier, cores);
  const batches = sum(windows, ({ work }) => work.batches);
  return {
    windows: windows.length,
    durationMs,
    settings: last?.settings ?? null,
    mixedSettings: new Set(windows.map(({ settings }) => settingsKey(settings))).size > 1,
    offered: sum(windows, (window) => window.offered),
    settled,
    outcomes: counts,
    inFlight: last?.backlogAtEnd ?? 0,
    latency: latencyOf(latency),
    operationsPerSecond: known(overTime(counts.ok) * 1000),
    peakBytes: windows.reduce((peak, window) => Math.max(peak, window.peakBytes), 0),
    cpuFraction: known(cpuFraction),
    cores,
    busyFraction: known(busyFraction),
    cacheHitFraction: cache ? known(cache.hits / (cache.hits + cache.misses)) : null,
    errorFraction: known((settled - counts.ok) / settled),
    timeoutFraction: known(counts.timeout / settled),
    violationFraction: known(sum(windows, ({ work }) => work.violations ?? 0) / settled),
    stages,
    functions: functionsOf(windows),
    recommendations: recommend({
      settled,
      outcomes: counts,
      waitFraction: wait.sumMs / latency.sumMs,
      busyFraction,
      cpuFraction: Math.min(1, point?.cpuFraction ?? cpuFraction),
      workers: workerFacts(point, others),
      callsPerBatch: sum(windows, ({ work }) => work.batchedCalls) / batches,
      stages,
      cache,
      executeMs: sum(windows, ({ work }) => work.executeMs),
      hostMs: sum(windows, ({ cpuMs, workerCpuMs }) => Math.max(0, cpuMs - workerCpuMs)),
    }),
  };
}

function latencyOf(distribution: Distribution): LatencySummary | null {
  if (distribution.count === 0) return null;
  return {
    meanMs: meanMs(distribution),
    p50Ms: quantileMs(distribution, 0.5),
    p95Ms: quantileMs(distribution, 0.95),
    p99Ms: quantileMs(distribution, 0.99),
    maxMs: distribution.maxMs,
  };
}

function functionsOf(windows: readonly Window[]): readonly FunctionSummary[] {
  const names = new Set(windows.flatMap(({ byFunction }) => Object.keys(byFunction)));
  return [...names]
    .map((name) => {
      const own = windows.flatMap(({ byFunction }) =>
        Object.hasOwn(byFunction, name) ? [byFunction[name] as FunctionCounts] : [],
      );
      const counts = own.reduce((all, one) => addCounts(all, one.outcomes), noOutcomes);
      const settled = settledOf(counts);
      const latency = latencyOf(mergeDistributions(own.map((one) => one.latency)));
      return { name, settled, errorFraction: (settled - counts.ok) / settled, latency };
    })
    .toSorted((a, b) => b.settled - a.settled);
}

/** As the models see the workers at the newest setting, and then at others; empty where its windows say nothing yet. */
function pointsOf(windows: readonly Window[], earlier: readonly Window[], cores: number): readonly Point[] {
  const newest = windows.at(-1);
  const goal = { objective: { metric: 'throughput', direction: 'maximize' }, guardrails: [] } as const;
  const points = windowPoints([...earlier, ...windows], goal, cores);
  const isNewest = ({ settings }: Point) => newest !== undefined && sameSettings(settings, newest.settings);
  const here = points.filter(isNewest);
  return here.length === 0 ? [] : [...here, ...points.filter((one) => !isNewest(one))];
}

function workerFacts(point: Point | null, others: readonly Point[]): WorkerFacts {
  if (!point) return noWorkers;
  const knob = widthKnobs.find((id) => valueIn(point.settings, id) !== undefined) ?? null;
  const hasThreads = hasWorkers(point);
  return {
    knob,
    hasThreads,
    hasBatches: valueIn(point.settings, 'batchSize') !== undefined,
    count: point.width,
    useful: hasThreads ? usefulWidth(point) : Number.NaN,
    crosses: isCrossing(point),
    isCpuBound: hasThreads && isCpuBound(point),
    isHostBound: hasThreads ? isHostBound(point) : isUsedUp(point),
    isWidest: knob !== null && !isWiderBetter(point, others, knob),
    hostFraction: hasThreads ? point.hostFraction : cpuInReach(point),
  };
}

/** False where a greater width alone was in force, and none of them was better by more than its noise. */
function isWiderBetter(point: Point, others: readonly Point[], knob: string): boolean {
  const wider = others.filter(
    (one) => one.width > point.width && changes(point.settings, one.settings).every(([id]) => id === knob),
  );
  return (
    wider.length === 0 || wider.some((one) => one.score - point.score > 2 * Math.hypot(one.scoreSd, point.scoreSd))
  );
}

const noWorkers: WorkerFacts = Object.freeze({
  knob: null,
  hasThreads: false,
  hasBatches: false,
  count: Number.NaN,
  useful: Number.NaN,
  crosses: false,
  isCpuBound: false,
  isHostBound: false,
  isWidest: false,
  hostFraction: Number.NaN,
});

/** Each window's mean weighs as much as its samples. */
function meanStages(windows: readonly Window[]): Readonly<Record<string, number>> {
  const samples = sum(windows, (window) => window.stageSamples);
  const names = new Set(windows.flatMap((window) => Object.keys(window.stages)));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      sum(windows, (window) => (window.stages[name] ?? 0) * window.stageSamples) / samples,
    ]),
  );
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

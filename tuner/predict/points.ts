/**
 * The windows of each setting, summed up as one point: what a call costs, and what the objective reaches.
 *
 *   Seen.windows ── by settings ──▶ Point[]: medians over windows of ratios within a window
 *
 * A point holds medians, because one garbage collection or one noisy neighbour must not move a model.
 */

import type { Goal, Settings, Window } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { mergeDistributions, quantileMs } from '../../src/measure/distribution.ts';
import { settledOf } from '../../src/measure/outcome-counts.ts';
import { settingsKey } from '../entries/settings.ts';
import { logArrivals } from '../trial/arrivals.ts';
import { objectiveOf } from '../trial/metric.ts';
import { mean, median, populationDeviation } from '../trial/statistics.ts';

export interface Point {
  readonly settings: Settings;
  readonly windows: readonly Window[];
  /** log of the objective, + is better (sign turned where it is minimised). */
  readonly score: number;
  /** Standard deviation of `score` as an estimate of this setting's true one. */
  readonly scoreSd: number;
  /** ok calls per ms. */
  readonly okPerMs: number;
  /** Offered calls per settled one that was not shed; above 1 the executor does not keep up. */
  readonly pressure: number;
  /** Units of dispatch that may run at once: the width knob, else inferred. */
  readonly width: number;
  /** Mean calls per unit of dispatch. */
  readonly fill: number;
  /** Per call, ms: CPU outside the workers, CPU of the workers, elapsed in the guest, elapsed of its share of a batch. */
  readonly hostMs: number;
  readonly workerMs: number;
  readonly executeMs: number;
  readonly elapsedMs: number;
  /** Of these, waiting for what a call had asked of others, and not for a CPU; NaN where the workers do not tell. */
  readonly ownWaitMs: number;
  /** One call in twenty held its worker no longer: an upper bound of its own work, which waits for nobody. Ms. */
  readonly quickestMs: number;
  /** Calls offered and not settled, mean; of calls that come in rounds, as many as come together. */
  readonly inFlight: number;
  /** CPUs the process may use, less those that other processes used. May be fractional. */
  readonly cores: number;
  /** Share of `cores` that the process used. */
  readonly cpuFraction: number;
  /** Share of one CPU that the main thread used. */
  readonly hostFraction: number;
  readonly busyFraction: number;
  /** Share of the time without a call in flight, of calls that come in rounds; else that in which no worker was busy. */
  readonly pauseFraction: number;
  readonly waitMs: number;
  readonly latencyMs: number;
}

/** Standard deviation (log) between two visits to one setting, however many windows each visit had. */
const revisitSd = 0.012;

/** From so many windows on a setting tells how far its windows differ; before any did, so far. */
const fewestForUsual = 6;
const unknownDeviation = 0.05;
/** What is usual counts for so many windows of a setting. */
const usualWindows = 4;

const smallestCores = 0.05;

/**
 * One point per setting that was ever in force, in order of first appearance.
 * @param byArrival scores are those of a call offered, and not of a second
 */
export function windowPoints(
  windows: readonly Window[],
  goal: Goal,
  cores: number,
  byArrival = false,
): readonly Point[] {
  const groups = new Map<string, Window[]>();
  for (const window of windows) {
    if (!window.steady || window.endMs <= window.startMs || window.outcomes.ok === 0) continue;
    const key = settingsKey(window.settings);
    const group = groups.get(key);
    if (group) group.push(window);
    else groups.set(key, [window]);
  }
  const usual = usualDeviation([...groups.values()].map((group) => scoresOf(group, goal, byArrival)));
  return [...groups.values()].flatMap((group) => pointOf(group, { goal, cores, usual, byArrival }) ?? []);
}

function scoresOf(windows: readonly Window[], { objective }: Goal, byArrival: boolean): readonly number[] {
  return windows.flatMap((window) => {
    const value = objectiveOf(objective, window);
    if (value === null || !(value > 0)) return [];
    const score = objective.direction === 'maximize' ? Math.log(value) : -Math.log(value);
    return [byArrival ? score - logArrivals(window) : score];
  });
}

/** By how much (log) windows at one setting differ: settings with many of them say it best. */
function usualDeviation(groups: readonly (readonly number[])[]): number {
  const many = groups.filter(({ length }) => length >= fewestForUsual);
  const squares = many.reduce((sum, scores) => sum + scores.length * populationDeviation(scores) ** 2, 0);
  const count = many.reduce((sum, scores) => sum + scores.length - 1, 0);
  return count > 0 ? Math.sqrt(squares / count) : unknownDeviation;
}

/** Of windows at one setting, of which a few may be alike by chance. */
function deviationOf(scores: readonly number[], usual: number): number {
  const own = populationDeviation(scores);
  return Math.sqrt((usualWindows * usual ** 2 + scores.length * own ** 2) / (usualWindows + scores.length));
}

function pointOf(
  windows: readonly Window[],
  {
    goal,
    cores,
    usual,
    byArrival,
  }: { readonly goal: Goal; readonly cores: number; readonly usual: number; readonly byArrival: boolean },
): Point | null {
  const [first] = windows;
  const scores = scoresOf(windows, goal, byArrival);
  if (!first || scores.length === 0) return null;
  const over = (ratio: (window: Window) => number) => {
    const values = windows.map(ratio).filter(Number.isFinite);
    return median(values, 0);
  };
  const callsPerThread = Number(valueIn(first.settings, 'callsPerThread') ?? 1);
  const workerMs = over((window) => window.workerCpuMs / settledOf(window.outcomes));
  const width = widthOf(first.settings) ?? Math.max(1, Math.round(over((window) => concurrentBatches(window))));
  // Calls that have a thread at once hold it together: each for its share of the time in which it had any. In shared
  // memory, too, a worker holds several, and works on one of them at a time.
  const elapsedMs = over((window) => {
    const heldMs = window.work.batchMs / window.work.batchedCalls;
    if (valueIn(window.settings, 'threads') === undefined) return heldMs;
    const shareMs = (window.work.busyFraction * width * spanMs(window)) / settledOf(window.outcomes);
    return callsPerThread > 1 || !(heldMs <= 1.05 * shareMs) ? shareMs : heldMs;
  });
  const tells = windows.every((window) => window.ownWaitMs !== undefined);
  const toldMs = tells ? over((window) => (window.ownWaitMs ?? 0) / settledOf(window.outcomes)) : Number.NaN;
  // Means of different clocks: what is waited and worked together is no longer than the whole.
  const ownWaitMs = Math.min(toldMs, Math.max(0, elapsedMs - workerMs));
  const starved = Number.isNaN(ownWaitMs) ? 1 : Math.max(0, elapsedMs - workerMs - ownWaitMs) / elapsedMs;
  const coresLeft = Math.max(coresIn(windows, cores), fairShare(cores, starved));
  const hostCpu = (window: Window) => Math.max(0, window.cpuMs - window.workerCpuMs);
  return {
    settings: first.settings,
    windows,
    score: scores.length > 2 ? median(scores) : mean(scores),
    scoreSd: Math.hypot(revisitSd, deviationOf(scores, usual) / Math.sqrt(scores.length)),
    okPerMs: over((window) => window.outcomes.ok / spanMs(window)),
    pressure: over(({ offered, outcomes }) => offered / (settledOf(outcomes) - outcomes.shed)),
    width,
    fill: Math.max(
      1,
      over((window) => window.work.batchedCalls / window.work.batches),
    ),
    hostMs: over((window) => hostCpu(window) / settledOf(window.outcomes)),
    workerMs,
    executeMs: Math.min(
      callsPerThread > 1 ? elapsedMs : Infinity,
      over((window) => window.work.executeMs / window.work.batchedCalls),
    ),
    elapsedMs,
    ownWaitMs,
    quickestMs: quantileMs(mergeDistributions(windows.map((window) => window.service)), 0.05),
    inFlight: Math.max(
      over((window) => (window.backlogAtStart + window.backlogAtEnd) / 2),
      over(inFlightInRounds),
    ),
    cores: coresLeft,
    cpuFraction: over((window) => window.cpuMs / spanMs(window) / coresLeft),
    hostFraction: over((window) => hostCpu(window) / spanMs(window)),
    busyFraction: over((window) => window.work.busyFraction),
    pauseFraction: over(pauseFractionIn),
    waitMs: over((window) => window.wait.sumMs / window.wait.count),
    latencyMs: over((window) => window.latency.sumMs / window.latency.count),
  };
}

/**
 * The CPUs that this process could have used: those it used and those that idled. CPUs taken by other
 * processes do not count, because a worker that waits for one of them would otherwise seem to wait
 * for its own work, and the models would propose more threads.
 */
function coresIn(windows: readonly Window[], cores: number): number {
  const withIdle = windows.filter((window) => window.idleCpuMs !== undefined);
  const spentMs = withIdle.reduce((sum, window) => sum + spanMs(window), 0);
  // The operating system counts idle time in coarse ticks, so that a few windows say little.
  if (spentMs < 500) return cores;
  const usable = withIdle.reduce((sum, window) => sum + window.cpuMs + (window.idleCpuMs ?? 0), 0) / spentMs;
  return Math.min(cores, Math.max(smallestCores, usable));
}

/**
 * CPUs are shared with whoever asks for them. Where workers are hardly ever kept waiting for one, as many as half of
 * them may be had, though others use all the time that is left.
 * @param starved share of the time of calls that is neither work nor waiting of their own; 1 where nobody knows
 */
function fairShare(cores: number, starved: number): number {
  return starved >= 0 ? (cores / 2) * Math.max(0, 1 - 2 * starved) : 0;
}

/** The knob that says how many units of dispatch may run at once. */
export const widthKnobs = ['threads', 'concurrency'] as const;

function widthOf(settings: Settings): number | undefined {
  for (const id of widthKnobs) {
    const value = valueIn(settings, id);
    if (typeof value === 'number') return value;
  }
  return undefined;
}

/** Batches at work at one time, by Little's law over the time in which there were any. */
function concurrentBatches({ work, startMs, endMs }: Window): number {
  return work.batchMs / (endMs - startMs) / Math.max(work.busyFraction, 1e-3);
}

function pauseFractionIn({ freshGapMs = 0, freshCycleMs = 0, work }: Window): number {
  return freshCycleMs > 0 ? freshGapMs / freshCycleMs : 1 - work.busyFraction;
}

/** Calls a round, of calls that come in rounds: the ends of windows meet any number of them. NaN for others. */
function inFlightInRounds({ freshRounds = 0, rounds = 0, offered }: Window): number {
  return freshRounds > 0 && freshRounds >= 0.95 * rounds ? offered / freshRounds : Number.NaN;
}

function spanMs({ startMs, endMs }: Window): number {
  return endMs - startMs;
}

/**
 * What the workers of a pool do while they have calls: run them, wait for something of their own, or wait
 * for a CPU or the main thread. The models and the advice both read it here, so that one never recommends
 * what the other has ruled out.
 */
import { hasWorkers, waitingForOthers } from './context.ts';
import { countedInWords, inWords } from './model.ts';
import type { Point } from './points.ts';

/** Above this share of all CPUs in use, more threads would only divide the same CPU time. */
const cpuBound = 0.85;
/** Above this share of one CPU, workers wait for the main thread. */
const hostBound = 0.8;

/** True where the process uses nearly all the CPU time that others leave. */
export function isCpuBound({ cpuFraction }: Point): boolean {
  return cpuFraction >= cpuBound;
}

/** True where the main thread has hardly time for more calls. */
export function isHostBound({ hostFraction }: Point): boolean {
  return hostFraction >= hostBound;
}

/**
 * Share of the CPU time that the calls can use, as far as it is used: of all CPUs where worker threads do the
 * work, else of the one thread on which calls and their host run.
 */
export function cpuInReach(now: Point): number {
  return hasWorkers(now) ? now.cpuFraction : Math.min(1, now.cpuFraction * now.cores);
}

/** Above this share of the CPU time in their reach, calls wait for it. */
const usedUp = 0.9;

export function isUsedUp(now: Point): boolean {
  return cpuInReach(now) > usedUp;
}

/** CPUs × (1 + wait/CPU): the workers it takes to keep busy every CPU that the main thread does not use. */
export function usefulWidth(now: Point): number {
  return cpusOf(now) * (1 + waitPerCpu(now));
}

function cpusOf(now: Point): number {
  return Math.max(0.1, now.cores - Math.min(1, now.hostFraction));
}

/**
 * A worker's waiting in ms per ms of its CPU, without its waiting for a busy CPU or main thread. The way to a
 * worker and back is no waiting of its work: other workers go the same way.
 */
function waitPerCpu(now: Point): number {
  if (isCrossing(now)) return 0;
  if (now.workerMs > 0 && !Number.isNaN(now.ownWaitMs)) return now.ownWaitMs / now.workerMs;
  return apartPerCpu(now) * (1 - waitingForOthers(now));
}

/** Time that a worker has calls and uses no CPU, in ms per ms of its CPU: its own waiting is no longer. */
function apartPerCpu(now: Point): number {
  return now.workerMs > 0 ? Math.max(0, now.elapsedMs / now.workerMs - 1) : 0;
}

/** 'a worker waits 8 ms per ms of CPU, so about 9 threads can be used', or between which bounds that lies. */
export function waitText(now: Point): string {
  const [wait, most] = [waitPerCpu(now), apartPerCpu(now)];
  const isCertain = !Number.isNaN(now.ownWaitMs) || isCrossing(now) || most - wait < 0.5;
  if (isCertain)
    return `a worker waits ${inWords(wait)} ms per ms of CPU, so ${threadsText(usefulWidth(now))} can be used`;
  const [fewest = 0, mostThreads = 0] = [wait, most].map((one) => cpusOf(now) * (1 + one));
  const threads =
    mostThreads < 1
      ? 'fewer than one thread'
      : `between ${fewest < 1 ? 'fewer than one' : inWords(fewest)} and ${inWords(mostThreads)} threads`;
  return `a worker is without a CPU for ${inWords(most)} ms per ms of CPU, and whether it waits for its own work or for a CPU cannot be told apart here, so ${threads} can be used`;
}

function threadsText(count: number): string {
  return count < 0.995 ? 'fewer than one thread' : `about ${countedInWords(count, 'thread')}`;
}

/** What it costs to wake a worker, hand it a call and take its answer: 0.05 to 0.15 ms on the machines that were measured. */
const crossingMs = 0.2;
/** Work that takes less than this share of the time for which it holds a worker is not what holds it. */
const mostlyRunning = 0.5;

/**
 * True where calls hold their workers for the way there and back, and hardly for their work.
 *
 * Of calls that say when they ran, the work is known. Of others, as of a wrapped pool, it is no longer than
 * the quickest of them held a worker. That does not grow when CPUs are taken by others, as means do, and
 * work that takes or waits a millisecond is never that quick.
 */
export function isCrossing(now: Point): boolean {
  if (!hasWorkers(now) || !(now.elapsedMs > 0)) return false;
  const isKnown = now.executeMs < 0.999 * now.elapsedMs;
  if (isKnown) return Math.max(now.executeMs, now.workerMs) < mostlyRunning * now.elapsedMs;
  return now.quickestMs <= Math.max(crossingMs, Math.min(now.hostMs, now.workerMs));
}

/** 'workers are busy 80 %', or what they are where their calls wait for the way there and back, or the main thread. */
export function workersText(now: Point): string {
  const percent = `${Math.min(100, Math.round(100 * now.busyFraction))} %`;
  if (isCrossing(now)) return `workers have calls ${percent} of the time, and the crossing is all of it`;
  return isHostBound(now)
    ? `workers have calls ${percent} of the time, which wait for the main thread`
    : `workers are busy ${percent}`;
}

/**
 * The law of a pool whose threads may have several calls at once, which wait for others: each thread is a machine
 * repairman, its calls the machines. Mean value analysis gives what a thread with n calls does, exactly for
 * exponential times; no model of the tuner uses it.
 *
 *   R(n) = c · (1 + Q(n − 1))     X(n) = n / (R(n) + w)     Q(n) = X(n) · R(n)
 *
 * @see Reiser and Lavenberg 1980, "Mean-value analysis of closed multichain queuing networks", §2
 */
import type { TimelessLaw } from './laws.ts';

export interface WaitingCalls {
  readonly cores: number;
  readonly inFlight: number;
  /** CPU of a call in its thread, and on the main thread. */
  readonly cpuMs: number;
  readonly hostMs: number;
  /** What a call waits for by itself. */
  readonly waitMs: number;
  /** Threads tell how long they waited. */
  readonly tells: boolean;
}

/** Knobs `threads` and `callsPerThread`, of a closed loop. */
export function overlapping({ cores, inFlight, cpuMs, hostMs, waitMs, tells }: WaitingCalls): TimelessLaw {
  return (settings) => {
    const [threads, calls] = [Number(settings['threads']), Number(settings['callsPerThread'])];
    const places = Math.min(inFlight, threads * calls);
    const perMs = Math.min(
      threads * perThread(places / threads, cpuMs, waitMs),
      (0.97 * cores) / (cpuMs + hostMs),
      0.97 / hostMs,
    );
    const perSecond = 1000 * perMs;
    const busyMs = 1000 * Math.min(threads, places);
    const workerMs = perSecond * cpuMs;
    const elapsedMs = 1000 * places;
    return {
      perSecond,
      waitShare: Math.max(0, 1 - places / inFlight),
      work: {
        fill: 1,
        busyFraction: busyMs / 1000 / threads,
        batchMs: elapsedMs,
        executeMs: elapsedMs,
        hostMs: perSecond * hostMs,
        workerMs,
        ...(tells && { ownWaitMs: Math.max(0, busyMs - workerMs) }),
      },
    };
  };
}

/** Calls a ms of a thread that has so many; between two whole numbers, between what these do. */
function perThread(calls: number, cpuMs: number, waitMs: number): number {
  let [queued, before, done] = [0, 0, 0];
  for (let n = 1; n <= Math.ceil(calls); n++) {
    const tookMs = cpuMs * (1 + queued);
    before = done;
    done = n / (tookMs + waitMs);
    queued = done * tookMs;
  }
  return before + (done - before) * (calls - Math.ceil(calls) + 1);
}

/**
 * Calls simulated one by one, as the reference that computed windows are held against: one server, first
 * come first served, exponential service times, whose rate may change at any moment.
 */
import type { RandomSource } from '../../../src/foundation/random.ts';

export interface Reference {
  readonly rate: number;
  readonly p99Ms: number;
}

/** A call that settled. */
export interface Settled {
  readonly atMs: number;
  readonly ms: number;
}

export interface Server {
  /** Calls a second it serves at a moment. */
  readonly perSecond: (atMs: number) => number;
  /** Calls in flight of a closed loop, or calls a second that arrive in an open one. */
  readonly load: { readonly inFlight: number } | { readonly perSecond: (atMs: number) => number };
  readonly untilMs: number;
  /** The server's rate and the arrivals' are taken as constant for so long. */
  readonly stepMs: number;
}

/** @returns every call that settled by `untilMs`, in order */
export function settledCalls({ perSecond, load, untilMs, stepMs }: Server, random: RandomSource): readonly Settled[] {
  const settled: Settled[] = [];
  const exponential = () => -Math.log(1 - random());
  const came: number[] = 'inFlight' in load ? Array.from({ length: load.inFlight }, () => 0) : [];
  let [work, arrival, head] = [exponential(), exponential(), 0];
  for (let startMs = 0; startMs < untilMs; startMs += stepMs) {
    const rate = perSecond(startMs + stepMs / 2) / 1000;
    const arrivals = 'inFlight' in load ? 0 : load.perSecond(startMs + stepMs / 2) / 1000;
    let nowMs = startMs;
    while (nowMs < startMs + stepMs) {
      const busy = head < came.length;
      const toSettle = busy && rate > 0 ? work / rate : Infinity;
      const toArrive = arrivals > 0 ? arrival / arrivals : Infinity;
      const passed = Math.min(toSettle, toArrive, startMs + stepMs - nowMs);
      nowMs += passed;
      if (busy) work -= passed * rate;
      arrival -= passed * arrivals;
      if (passed === toSettle) {
        settled.push({ atMs: nowMs, ms: nowMs - (came[head] ?? nowMs) });
        head++;
        work = exponential();
        if ('inFlight' in load) came.push(nowMs);
      } else if (passed === toArrive) {
        came.push(nowMs);
        arrival = exponential();
      }
    }
  }
  return settled;
}

/** @param isIn the calls that count, by when they settled @param ms how long that is in all */
export function referenceOf(
  calls: readonly Settled[],
  ms: number,
  isIn: (atMs: number) => boolean = () => true,
): Reference {
  const latencies = Float64Array.from(
    calls.filter(({ atMs }) => isIn(atMs)),
    (call) => call.ms,
  ).sort();
  return { rate: (1000 * latencies.length) / ms, p99Ms: latencies[Math.floor(0.99 * latencies.length)] ?? Number.NaN };
}

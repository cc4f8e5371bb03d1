/**
 * A simulated executor: measures windows of a world, on a clock of its own.
 *
 *   measure(arm, discard, for) ── disturbances of that stretch of time ──▶ rate ──▶ full Window
 */
import type { Measured, OutcomeCounts, Window } from '../../src/contracts.ts';
import { gaussian, type RandomSource, randomStream } from '../../src/foundation/random.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import { type LatencyShape, latencies } from './latencies.ts';
import { referenceMs, type World } from './world.ts';

export interface Plant {
  measure(arm: Measured['arm'], span: { readonly discardMs: number; readonly forMs: number }): Measured;
}

const noCalls: OutcomeCounts = Object.freeze({
  ok: 0,
  trap: 0,
  timeout: 0,
  cancelled: 0,
  rejected: 0,
  shed: 0,
  lost: 0,
});
/** CPU a call, in ms: what it takes does not depend on how long it waits. */
const cpuMsPerCall = 0.2;

/** @param seed the same seed gives the same disturbances, whatever is measured when */
export function createPlant(world: World, seed: number): Plant {
  const random = (key: string) => randomStream(seed, `${world.name} ${key}`);
  const noise = random('noise');
  const drift = driftOf(world, random('drift'));
  const bursts = world.bursts && stretches(random('bursts'), world.bursts.everyMs, world.bursts.forMs, 'memoryless', 0);
  const pauses =
    world.pauses &&
    stretches(random('pauses'), world.pauses.everyMs, world.pauses.forMs, 'periodic', world.pauses.jitterFraction);
  let nowMs = 0;
  let epoch = 0;
  let running: Measured['arm'] = 'baseline';
  let flippedMs = -Infinity;
  let backlog = world.load === 'closed' ? world.inFlight : 0;

  /** Share of the undisturbed rate in [startMs, endMs]. */
  function speed(startMs: number, endMs: number): { readonly share: number; readonly pausedMs: number } {
    const lengthMs = endMs - startMs;
    const pausedMs = pauses ? pauses(startMs, endMs) : 0;
    const taken = bursts && world.bursts ? (world.bursts.share * bursts(startMs, endMs)) / lengthMs : 0;
    const settling = world.transition
      ? Math.max(0, Math.min(endMs, flippedMs + world.transition.forMs) - Math.max(startMs, flippedMs))
      : 0;
    const lost = world.transition ? (world.transition.share * settling) / lengthMs : 0;
    const white = world.whiteSigma * Math.sqrt(referenceMs / lengthMs) * gaussian(noise);
    const share = Math.exp(drift((startMs + endMs) / 2) + white) * (1 - taken) * (1 - lost) * (1 - pausedMs / lengthMs);
    return { share, pausedMs };
  }

  return {
    measure(arm, { discardMs, forMs }) {
      if (arm !== running) {
        epoch++;
        flippedMs = nowMs;
        running = arm;
      }
      const startMs = nowMs + discardMs;
      const endMs = startMs + forMs;
      nowMs = endMs;
      const { share, pausedMs } = speed(startMs, endMs);
      const harm = arm === 'candidate' ? world.candidate : {};
      const capacity = Math.max(
        0,
        world.perSecond *
          (world.load === 'open' ? world.headroom : 1) *
          (arm === 'candidate' ? 1 + world.effect : 1) *
          share,
      );
      const mean = (world.perSecond * forMs) / 1000;
      // Poisson arrivals by their normal approximation; a closed loop offers what it settles.
      const arrived = Math.max(0, Math.round(mean + Math.sqrt(mean) * gaussian(noise)));
      const served = harm.stalls ? 0 : Math.round((capacity * forMs) / 1000);
      const settled = world.load === 'closed' ? served : Math.min(served, arrived + backlog);
      const offered = world.load === 'closed' ? settled : arrived;
      const backlogAtStart = backlog;
      backlog += offered - settled;
      const trap = Math.min(settled, binomial(noise, settled, harm.errorFraction ?? 0));
      const lost = Math.min(settled - trap, harm.lostCalls ?? 0);
      const ok = settled - trap - lost;
      const meanMs = latencyMs(world, capacity, arrived / (forMs / 1000), backlog);
      const shape: LatencyShape = {
        meanMs,
        tailFactor: (harm.tailFactor ?? 1) * Math.exp(0.08 * gaussian(noise)),
        pausedShare: pausedMs / forMs,
        pausedMs,
      };
      return {
        arm,
        window: windowOf({
          arm,
          epoch,
          startMs,
          endMs,
          offered,
          ok,
          trap,
          lost,
          backlogAtStart,
          backlogAtEnd: backlog,
          shape,
        }),
      };
    },
  };
}

/** Little's law in a closed loop; in an open one M/M/1 up to saturation, then what the backlog takes. */
function latencyMs(world: World, capacity: number, arrivals: number, backlog: number): number {
  if (capacity <= 0) return 1000;
  if (world.load === 'closed') return (1000 * world.inFlight) / capacity;
  return 1000 / Math.max(0.05 * capacity, capacity - arrivals) + (1000 * backlog) / capacity;
}

interface Counted {
  readonly arm: Measured['arm'];
  readonly epoch: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly offered: number;
  readonly ok: number;
  readonly trap: number;
  readonly lost: number;
  readonly backlogAtStart: number;
  readonly backlogAtEnd: number;
  readonly shape: LatencyShape;
}

function windowOf({
  arm,
  epoch,
  startMs,
  endMs,
  offered,
  ok,
  trap,
  lost,
  backlogAtStart,
  backlogAtEnd,
  shape,
}: Counted): Window {
  const outcomes: OutcomeCounts = { ...noCalls, ok, trap, lost };
  const latency = latencies(ok, shape);
  const cpuMs = (ok + trap) * cpuMsPerCall;
  return {
    epoch,
    steady: true,
    settings: { threads: arm === 'baseline' ? 2 : 4 },
    startMs,
    endMs,
    offered,
    outcomes,
    backlogAtStart,
    backlogAtEnd,
    wait: latency,
    service: latency,
    latency,
    carried: emptyDistribution,
    unfinished: emptyDistribution,
    start: emptyDistribution,
    byFunction: {
      work: { outcomes, latency, wait: emptyDistribution, service: emptyDistribution, start: emptyDistribution },
    },
    stages: {},
    stageSamples: 0,
    work: { batches: ok, batchedCalls: ok, batchMs: latency.sumMs, executeMs: cpuMs, busyFraction: 1, workerStarts: 0 },
    cpuMs,
    workerCpuMs: cpuMs,
    peakBytes: 64 * 2 ** 20,
    bytesIn: 0,
    bytesOut: 0,
  };
}

/** An Ornstein–Uhlenbeck process, exact at the (ascending) times it is asked for. */
function driftOf({ drift: { sigma, timeMs } }: World, random: RandomSource): (atMs: number) => number {
  let value = sigma * gaussian(random);
  let lastMs = 0;
  return (atMs) => {
    const kept = Math.exp(-(atMs - lastMs) / timeMs);
    lastMs = atMs;
    value = kept * value + sigma * Math.sqrt(1 - kept * kept) * gaussian(random);
    return value;
  };
}

/** Milliseconds of [start, end] covered by recurring stretches; asked for ascending times. */
function stretches(
  random: RandomSource,
  everyMs: number,
  forMs: number,
  kind: 'memoryless' | 'periodic',
  jitterFraction: number,
): (startMs: number, endMs: number) => number {
  const exponential = (meanMs: number) => -meanMs * Math.log(1 - random());
  const next = (afterMs: number) => {
    const from =
      kind === 'memoryless'
        ? afterMs + exponential(everyMs)
        : afterMs + everyMs * (1 + jitterFraction * (2 * random() - 1));
    return { fromMs: from, toMs: from + (kind === 'memoryless' ? exponential(forMs) : forMs) };
  };
  let current = next(-everyMs * random());
  return (startMs, endMs) => {
    let covered = 0;
    while (current.fromMs < endMs) {
      covered += Math.max(0, Math.min(endMs, current.toMs) - Math.max(startMs, current.fromMs));
      if (current.toMs >= endMs) break;
      current = next(kind === 'memoryless' ? current.toMs : current.fromMs);
    }
    return covered;
  };
}

/** Binomial by its normal approximation where that is good, else call by call. */
function binomial(random: RandomSource, n: number, p: number): number {
  if (p <= 0) return 0;
  if (n * p > 20) return Math.max(0, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * gaussian(random)));
  let count = 0;
  for (let i = 0; i < n; i++) if (random() < p) count++;
  return count;
}

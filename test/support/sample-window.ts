/** Windows that nobody measured: a closed loop of 256 calls at a given rate, latency lognormal. */

import type { CacheUse, Distribution, Settings, Window } from '../../src/contracts.ts';
import { gaussian, type RandomSource } from '../../src/foundation/random.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';

export interface SampleWindow {
  readonly settings: Settings;
  /** Ok calls per second. */
  readonly rate: number;
  readonly startMs: number;
  readonly forMs: number;
  readonly epoch: number;
  /** Name of the second guest function. */
  readonly functionName: string;
}

export function sampleWindow(
  { settings, rate, startMs, forMs, epoch, functionName }: SampleWindow,
  random: RandomSource,
): Window {
  const endMs = startMs + forMs;
  const ok = Math.round((rate * forMs) / 1000);
  // Little's law in the closed loop of 256.
  const meanMs = 256_000 / rate;
  const latency = distribution(random, ok, meanMs * 0.9, 0.42);
  const shares =
    settings['batchSize'] === 1 ? [0.86, 0.05, 0.004, 0.006, 0.02, 0.06] : [0.52, 0.02, 0.17, 0.01, 0.21, 0.07];
  const outcomes = { ok, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0 };
  const half = { ...outcomes, ok: Math.round(ok / 7) };
  const empty: Distribution = { count: 0, sumMs: 0, minMs: 0, maxMs: 0, boundsNs: [], counts: [] };
  const cache: CacheUse = { hits: ok - 3, misses: 3, rankCounts: [ok - 3], coldCount: 3, missMs: 1.5 };
  return {
    epoch: epoch,
    steady: true,
    settings,
    startMs,
    endMs,
    offered: ok,
    outcomes,
    backlogAtStart: 256,
    backlogAtEnd: 256,
    wait: empty,
    service: empty,
    latency,
    carried: emptyDistribution,
    unfinished: emptyDistribution,
    start: empty,
    byFunction: {
      lex: { outcomes: half, latency, wait: empty, service: empty, start: empty },
      [functionName]: {
        outcomes: { ...outcomes, ok: ok - half.ok },
        latency,
        wait: empty,
        service: empty,
        start: empty,
      },
    },
    stages: Object.fromEntries(
      ['queue', 'wake-up', 'batch', 'start', 'execute', 'return'].map((name, i) => [name, meanMs * (shares[i] ?? 0)]),
    ),
    stageSamples: Math.ceil(ok / 100),
    work: {
      batches: ok,
      batchedCalls: ok,
      batchMs: ok * 0.1,
      executeMs: ok * 0.02,
      busyFraction: 0.9,
      workerStarts: 0,
    },
    cache,
    cpuMs: forMs * 1.8,
    workerCpuMs: forMs * 1.2,
    peakBytes: 9e7,
    bytesIn: ok * 1500,
    bytesOut: ok * 40,
  };
}

/** Lognormal, in buckets of one percent. */
function distribution(random: RandomSource, count: number, medianMs: number, sigma: number): Distribution {
  const samples = Array.from({ length: 600 }, () => medianMs * Math.exp(sigma * gaussian(random)));
  // Each sample stands for as many calls as it takes to make `count` of them.
  const weight = (i: number) => Math.floor(count / samples.length) + (i < count % samples.length ? 1 : 0);
  const buckets = new Map<number, number>();
  for (const [i, ms] of samples.entries()) {
    const bucket = Math.ceil(Math.log(ms * 1e6) / Math.log(1.01));
    if (weight(i) > 0) buckets.set(bucket, (buckets.get(bucket) ?? 0) + weight(i));
  }
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  return {
    count,
    sumMs: samples.reduce((sum, ms, i) => sum + ms * weight(i), 0),
    minMs: Math.min(...samples),
    maxMs: Math.max(...samples),
    boundsNs: sorted.map(([bucket]) => Math.round(1.01 ** bucket)),
    counts: sorted.map(([, n]) => n),
  };
}

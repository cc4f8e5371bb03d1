/** Windows that nobody measured: a closed loop of 256 calls at a given rate, latency lognormal. */

import { latencies, lognormal } from '../../bench/worlds/latency.ts';
import { emptyWindow } from '../../bench/worlds/window.ts';
import type { CacheUse, Settings, Window } from '../../src/contracts.ts';
import type { RandomSource } from '../../src/foundation/random.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import { noOutcomes } from '../../src/measure/outcome-counts.ts';

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
  const latency = latencies(ok, { meanMs, shape: lognormal }, random());
  const shares =
    settings['batchSize'] === 1 ? [0.86, 0.05, 0.004, 0.006, 0.02, 0.06] : [0.52, 0.02, 0.17, 0.01, 0.21, 0.07];
  const outcomes = { ...noOutcomes, ok };
  const half = { ...outcomes, ok: Math.round(ok / 7) };
  const cache: CacheUse = { hits: ok - 3, misses: 3, rankCounts: [ok - 3], coldCount: 3, missMs: 1.5 };
  const called = { latency, wait: emptyDistribution, service: emptyDistribution, start: emptyDistribution };
  return emptyWindow({
    epoch,
    settings,
    startMs,
    endMs,
    offered: ok,
    outcomes,
    backlogAtStart: 256,
    backlogAtEnd: 256,
    latency,
    byFunction: {
      lex: { ...called, outcomes: half },
      [functionName]: { ...called, outcomes: { ...outcomes, ok: ok - half.ok } },
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
  });
}

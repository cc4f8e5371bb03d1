/** Windows nobody recorded: one in which nothing happened, and the sum of stretches of a world's time. */
import type { CacheUse, Distribution, OutcomeCounts, Window } from '../../src/contracts.ts';
import { mergeCacheUse } from '../../src/measure/cache-counts.ts';
import { emptyDistribution, mergeDistributions } from '../../src/measure/distribution.ts';
import { addCounts, noOutcomes } from '../../src/measure/outcome-counts.ts';
import type { Service, ServiceWork } from './spec.ts';

/** What happened in a stretch of time under one setting. */
export interface Stretch {
  readonly ms: number;
  readonly offered: number;
  readonly outcomes: OutcomeCounts;
  readonly latency: Distribution;
  readonly wait: Distribution;
  readonly service: Service;
  /** Of the undisturbed rate: counts shrink with it, times of busy workers do not. */
  readonly share: number;
}

/** CPU a call takes where its law does not say; how long it waits does not matter. */
const cpuMsPerCall = 0.2;

/** 500 ms in which nothing happened, with `parts` in place of what did. */
export function emptyWindow(parts: Partial<Window>): Window {
  return {
    epoch: 0,
    steady: true,
    settings: {},
    startMs: 0,
    endMs: 500,
    offered: 0,
    outcomes: noOutcomes,
    backlogAtStart: 0,
    backlogAtEnd: 0,
    wait: emptyDistribution,
    service: emptyDistribution,
    latency: emptyDistribution,
    carried: emptyDistribution,
    unfinished: emptyDistribution,
    start: emptyDistribution,
    byFunction: {},
    stages: {},
    stageSamples: 0,
    work: { batches: 0, batchedCalls: 0, batchMs: 0, executeMs: 0, busyFraction: 0, workerStarts: 0 },
    cpuMs: 0,
    workerCpuMs: 0,
    peakBytes: 0,
    bytesIn: 0,
    bytesOut: 0,
    ...parts,
  };
}

/** @param stretches without gaps, all that happened between the window's start and end */
export function windowOf(
  between: Pick<Window, 'settings' | 'epoch' | 'steady' | 'startMs' | 'endMs' | 'backlogAtStart' | 'backlogAtEnd'>,
  stretches: readonly Stretch[],
): Window {
  const sum = (of: (stretch: Stretch) => number) => stretches.reduce((total, stretch) => total + of(stretch), 0);
  const outcomes = stretches.reduce((counts, stretch) => addCounts(counts, stretch.outcomes), noOutcomes);
  const latency = mergeDistributions(stretches.map((stretch) => stretch.latency));
  const timed = (of: (work: ServiceWork) => number, perCallMs: number) =>
    sum((one) => (one.service.work ? (of(one.service.work) * one.ms) / 1000 : servedBy(one) * perCallMs));
  const workerCpuMs = timed((work) => work.workerMs, cpuMsPerCall);
  const cache = stretches.reduce<CacheUse | undefined>(
    (use, stretch) => mergeCacheUse(use, cacheIn(stretch)),
    undefined,
  );
  return emptyWindow({
    ...between,
    offered: sum((stretch) => stretch.offered),
    outcomes,
    latency,
    service: latency,
    wait: mergeDistributions(stretches.map((stretch) => stretch.wait)),
    byFunction: {
      work: { outcomes, latency, wait: emptyDistribution, service: emptyDistribution, start: emptyDistribution },
    },
    work: {
      batches: sum((one) => servedBy(one) / (one.service.work?.fill ?? 1)),
      batchedCalls: sum(servedBy),
      batchMs: timed((work) => work.batchMs, cpuMsPerCall),
      executeMs: timed((work) => work.executeMs, cpuMsPerCall),
      busyFraction: sum((one) => (one.service.work?.busyFraction ?? 1) * one.ms) / (between.endMs - between.startMs),
      workerStarts: 0,
    },
    ...(cache && { cache }),
    cpuMs: workerCpuMs + timed((work) => work.hostMs, 0),
    workerCpuMs,
    peakBytes: 64 * 2 ** 20,
  });
}

function servedBy({ outcomes }: Stretch): number {
  return outcomes.ok + outcomes.trap;
}

function cacheIn({ service: { cache }, share, ms }: Stretch): CacheUse | undefined {
  if (!cache) return undefined;
  const scaled = (count: number) => (count * share * ms) / 1000;
  return {
    hits: scaled(cache.hits),
    misses: scaled(cache.misses),
    rankCounts: cache.rankCounts.map(scaled),
    coldCount: scaled(cache.coldCount),
    missMs: scaled(cache.missMs),
  };
}

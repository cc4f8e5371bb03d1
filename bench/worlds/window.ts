/**
 * From a stretch of a world's time to what a recorder would have frozen of it. Windows are then put
 * together by the code that puts them together for real calls.
 */
import type { Distribution, OutcomeCounts, Window } from '../../src/contracts.ts';
import { type Delta, toWindow } from '../../src/measure/delta.ts';
import { emptyDistribution } from '../../src/measure/distribution.ts';
import { type FieldValues, newCounters } from '../../src/measure/fields.ts';
import { stageNames } from '../../src/measure/stages.ts';
import type { Service } from './spec.ts';

/** What happened in a stretch of time under one setting. */
export interface Stretch extends Pick<Delta, 'epoch' | 'settings' | 'startMs' | 'endMs'> {
  readonly offered: number;
  readonly outcomes: OutcomeCounts;
  readonly latency: Distribution;
  readonly wait: Distribution;
  readonly service: Service;
  /** Memory that the process holds; NaN where the world does not tell. */
  readonly rssBytes: number;
  /** Of the undisturbed rate: counts shrink with it, times of busy workers do not. */
  readonly share: number;
}

/** CPU a call takes where its law does not say; how long it waits does not matter. */
const cpuMsPerCall = 0.2;

const nothing: FieldValues = {
  ...newCounters(),
  cpuMs: 0,
  workerCpuMs: 0,
  idleCpuMs: Number.NaN,
  ownWaitMs: Number.NaN,
  rssBytes: Number.NaN,
  guestBytes: Number.NaN,
  busyMs: 0,
  workerMs: 0,
};

/** The delta of no time at all. */
export function emptyDelta(at: Pick<Delta, 'epoch' | 'settings' | 'startMs' | 'endMs'>): Delta {
  return {
    ...at,
    steady: true,
    fields: nothing,
    functions: new Map(),
    stageMs: stageNames.map(() => 0),
    stageSamples: 0,
    cache: undefined,
  };
}

export function deltaOf({ offered, outcomes, latency, wait, service, share, rssBytes, ...at }: Stretch): Delta {
  const ms = at.endMs - at.startMs;
  const seconds = ms / 1000;
  const calls = outcomes.ok + outcomes.trap;
  const ownMs = (calls * cpuMsPerCall) / seconds;
  const {
    work: { fill, busyFraction, batchMs, executeMs, hostMs, workerMs } = {
      fill: 1,
      busyFraction: 1,
      batchMs: ownMs,
      executeMs: ownMs,
      hostMs: 0,
      workerMs: ownMs,
    },
    cache,
  } = service;
  const scaled = (aSecond: number) => aSecond * share * seconds;
  return {
    ...emptyDelta(at),
    fields: {
      ...nothing,
      offered,
      batches: calls / fill,
      batchedCalls: calls,
      batchMs: batchMs * seconds,
      executeMs: executeMs * seconds,
      cpuMs: (hostMs + workerMs) * seconds,
      workerCpuMs: workerMs * seconds,
      ownWaitMs: service.work?.ownWaitMs === undefined ? Number.NaN : service.work.ownWaitMs * seconds,
      busyMs: busyFraction * ms,
      workerMs: ms,
      peakBytes: 64 * 2 ** 20,
      rssBytes,
    },
    functions: new Map([['work', { outcomes, latency, wait, service: latency, start: emptyDistribution }]]),
    cache: cache && {
      hits: scaled(cache.hits),
      misses: scaled(cache.misses),
      rankCounts: cache.rankCounts.map(scaled),
      coldCount: scaled(cache.coldCount),
      missMs: scaled(cache.missMs),
    },
  };
}

/** 500 ms in which nothing happened, with `parts` in place of what did. */
export function emptyWindow(parts: Partial<Window>): Window {
  const idle = { backlogAtStart: 0, backlogAtEnd: 0, carried: emptyDistribution, unfinished: emptyDistribution };
  return { ...toWindow(emptyDelta({ epoch: 0, settings: {}, startMs: 0, endMs: 500 }), idle), ...parts };
}

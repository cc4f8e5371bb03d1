/**
 * The law of a pool: what a long run of its events (pool-events.ts) comes to at a setting, kept so
 * that each setting is run once. No formula stands between the physics and the windows. A few pools
 * keep a pattern of their beginning for thousands of batches: at such a setting a longer run would say
 * otherwise by up to a sixth, and the run that is kept is the world's truth.
 */
import type { KnobSpec } from '../../src/contracts.ts';
import { randomStream } from '../../src/foundation/random.ts';
import { shapeOf } from './latency.ts';
import { type Pool, type PoolRun, runPool } from './pool-events.ts';
import type { Law, Service, WorldSpec } from './spec.ts';

const knob = { interference: 'executor', moves: { up: 'live', down: 'live' }, source: 'world' } as const;

export const threadsKnob: KnobSpec = {
  ...knob,
  id: 'threads',
  unit: 'threads',
  domain: { min: 1, max: 16, scale: 'linear', integer: true },
  cost: 'per-unit',
  defaultValue: 3,
};

export const batchKnob: KnobSpec = {
  ...knob,
  id: 'batchSize',
  unit: 'calls',
  domain: { min: 1, max: 1024, scale: 'log', integer: true },
  defaultValue: 1,
};

const transportKnob: KnobSpec = {
  ...knob,
  id: 'transport',
  domain: ['message', 'ring'],
  defaultValue: 'message',
};

/** Of what is spent around a call by messages, each by itself, what is spent in shared memory. */
export interface RingCosts {
  readonly share: number;
}

/** The pool whose calls travel in messages, or each by itself in memory that host and workers share. */
export function withRing(pool: Pool, { share }: RingCosts, sigma = 0.03): WorldSpec {
  const byMessages = poolWorld(pool, sigma);
  const inRing = poolLaw({
    ...pool,
    hostPerBatch: share * pool.hostPerBatch,
    hostPerCall: share * pool.hostPerCall,
    wakeUp: share * pool.wakeUp,
    workerPerBatch: share * pool.workerPerBatch,
  });
  return {
    ...byMessages,
    knobs: [threadsKnob, { ...batchKnob, actsUnder: { transport: 'message' } }, transportKnob],
    law: (settings, atMs, past) =>
      settings['transport'] === 'ring'
        ? inRing({ ...settings, batchSize: 1 }, atMs, past)
        : byMessages.law(settings, atMs, past),
  };
}

/** What a pool holds in memory beside its calls. */
export interface PoolMemory {
  readonly baseBytes: number;
  readonly perThreadBytes: number;
  /** Beyond it the machine pages, and hardly anything is done. */
  readonly thereBytes: number;
}

/** Of the rate, what is left while the machine pages. */
const paging = 0.1;

/** The pool where each thread takes memory. */
export function withMemory(world: WorldSpec, { baseBytes, perThreadBytes, thereBytes }: PoolMemory): WorldSpec {
  return {
    ...world,
    law: (settings, atMs, past) => {
      const service = world.law(settings, atMs, past);
      const rssBytes = baseBytes + perThreadBytes * Number(settings['threads']);
      return { ...service, rssBytes, perSecond: service.perSecond * (rssBytes > thereBytes ? paging : 1) };
    },
  };
}

/** @param sigma of the log rate of a window */
export function poolWorld(pool: Pool, sigma = 0.03): WorldSpec {
  return {
    name: 'pool',
    knobs: [threadsKnob, batchKnob],
    load: { kind: 'closed', inFlight: pool.inFlight },
    law: poolLaw(pool),
    cpus: () => pool.cores,
    noise: { sigma },
  };
}

function poolLaw(pool: Pool): Law {
  const known = new Map<string, Service>();
  return (settings) => {
    const [threads, batchSize] = [Number(settings['threads']), Number(settings['batchSize'])];
    const key = `${threads} ${batchSize}`;
    const service = known.get(key) ?? serviceOf(runPool(pool, threads, batchSize), threads);
    known.set(key, service);
    return service;
  };
}

function serviceOf(run: PoolRun, threads: number): Service {
  const aSecond = 1000 / run.spanMs;
  const sorted = [...run.latencies].sort(([a], [b]) => a - b);
  return {
    perSecond: run.calls * aSecond,
    shape: shapeOf((probability) => latencyAt(sorted, probability * run.calls)),
    work: {
      fill: run.calls / run.batches,
      busyFraction: Math.min(1, run.busyMs / run.spanMs / threads),
      batchMs: run.batchMs * aSecond,
      executeMs: run.executeMs * aSecond,
      hostMs: run.hostCpuMs * aSecond,
      workerMs: run.workerCpuMs * aSecond,
    },
  };
}

function latencyAt(sorted: PoolRun['latencies'], rank: number): number {
  let seen = 0;
  for (const [ms, calls] of sorted) {
    seen += calls;
    if (seen >= rank) return ms;
  }
  return sorted.at(-1)?.[0] ?? 0;
}

/** A pool of the kind people have: microseconds to milliseconds of guest work on a few CPUs. */
export function somePool(seed: number): Pool {
  const random = randomStream(seed, 'plant');
  const between = (low: number, high: number) => low * (high / low) ** random();
  const oneOf = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(values.length * random())] ?? values[0];
  return {
    cores: oneOf([2, 2, 4, 8]),
    inFlight: oneOf([16, 64, 256, 1024]),
    hostPerBatch: between(0.015, 0.08),
    hostPerCall: between(0.002, 0.012),
    wakeUp: between(0.01, 0.07),
    workerPerBatch: between(0.01, 0.06),
    workerPerCall: between(0.003, 0.6),
    guestWait: random() < 0.75 ? 0 : between(0.05, 3),
    guestShare: 0.6 + 0.35 * random(),
  };
}

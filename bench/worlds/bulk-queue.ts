/**
 * A queue that serves whole batches, as calls of an open load arrive: a server that is free takes as many
 * of the waiting calls as a batch may hold and works a + b·n on them. There is no formula for its latencies,
 * so that what a long run of its events comes to at a batch size is kept, each run once.
 * @see Bailey 1954, "On queueing processes with bulk service"
 */
import { randomStream } from '../../src/foundation/random.ts';
import { shapeOf } from './latency.ts';
import type { TimelessLaw } from './laws.ts';
import type { Service } from './spec.ts';

export interface BulkQueue {
  /** Calls that come in a second, one by one (Poisson). */
  readonly perSecond: number;
  readonly perBatchMs: number;
  readonly perCallMs: number;
}

const callsOfRun = 200_000;

/** Knob `batchSize`. */
export function bulkQueue(queue: BulkQueue): TimelessLaw {
  const known = new Map<number, Service>();
  return ({ batchSize }) => {
    const size = Number(batchSize);
    const service = known.get(size) ?? serviceOf(queue, size);
    known.set(size, service);
    return service;
  };
}

function serviceOf(queue: BulkQueue, size: number): Service {
  const { perSecond, perBatchMs, perCallMs } = queue;
  const capacity = (1000 * size) / (perBatchMs + perCallMs * size);
  const { latencies, batches, busyMs, spanMs } = runBulkQueue(queue, size);
  const meanMs = latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length;
  const busyFraction = Math.min(1, busyMs / spanMs);
  const fill = latencies.length / batches;
  return {
    perSecond: capacity,
    // A queue that is overloaded has no latency of its own: that of its backlog is the world's affair.
    ...(capacity > perSecond && {
      latencyMs: meanMs,
      shape: shapeOf((probability) => latencies[Math.floor(probability * latencies.length)] ?? 0),
      waitShare: Math.max(0, 1 - (perBatchMs + perCallMs * fill) / meanMs),
    }),
    work: { fill, busyFraction, batchMs: 1000 * busyFraction, executeMs: 1000 * busyFraction, hostMs: 0, workerMs: 50 },
  };
}

interface BulkRun {
  /** Ascending. */
  readonly latencies: Float64Array;
  readonly batches: number;
  readonly busyMs: number;
  readonly spanMs: number;
}

function runBulkQueue({ perSecond, perBatchMs, perCallMs }: BulkQueue, size: number): BulkRun {
  const random = randomStream(1, 'bulk queue');
  const came = new Float64Array(callsOfRun);
  let nowMs = 0;
  for (let call = 0; call < callsOfRun; call++) {
    nowMs -= (1000 / perSecond) * Math.log(1 - random());
    came[call] = nowMs;
  }
  const latencies = new Float64Array(callsOfRun);
  let [freeMs, batches, busyMs] = [0, 0, 0];
  for (let head = 0; head < callsOfRun; batches++) {
    const startMs = Math.max(freeMs, came[head] ?? 0);
    let end = head + 1;
    while (end < callsOfRun && end - head < size && (came[end] ?? 0) <= startMs) end++;
    freeMs = startMs + perBatchMs + perCallMs * (end - head);
    busyMs += freeMs - startMs;
    for (; head < end; head++) latencies[head] = freeMs - (came[head] ?? 0);
  }
  return { latencies: latencies.sort(), batches, busyMs, spanMs: freeMs };
}

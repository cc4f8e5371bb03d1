/**
 * A pool that can be computed: one main thread, K workers, C CPUs shared fairly, N calls in flight
 * in a closed loop. Events are those of whole batches; the result is turned into windows as the
 * recorder would have cut them, with noise from window to window.
 *
 *   pending ─▶ main thread (M/2 + n·m/2) ─▶ wake-up L ─▶ worker CPU (a + n·b), guest waiting n·g
 *      ▲                                                                            │
 *      └──────────── main thread (M/2 + n·m/2): n calls settle, n are offered ◀─────┘
 */
import type { Distribution, Settings, Window } from '../../../src/contracts.ts';
import { gaussian, type RandomSource } from '../../../src/foundation/random.ts';

/** Times in ms. */
export interface Plant {
  readonly cores: number;
  readonly inFlight: number;
  readonly hostPerBatch: number;
  readonly hostPerCall: number;
  readonly wakeUp: number;
  readonly workerPerBatch: number;
  readonly workerPerCall: number;
  readonly guestWait: number;
  /** Share of `workerPerCall` that is guest code; the rest is reading and writing its message. */
  readonly guestShare: number;
}

export interface Run {
  readonly spanMs: number;
  readonly calls: number;
  readonly batches: number;
  readonly batchMs: number;
  readonly executeMs: number;
  readonly hostCpuMs: number;
  readonly workerCpuMs: number;
  readonly busyMs: number;
  readonly latencies: readonly (readonly [ms: number, calls: number])[];
}

type Phase = 'host-out' | 'wake' | 'cpu' | 'wait' | 'queued' | 'host-back';

interface Batch {
  phase: Phase;
  left: number;
  readonly calls: readonly (readonly [offeredMs: number, count: number])[];
  readonly size: number;
  sentMs: number;
  executeMs: number;
}

/** Runs the plant until `batches` batches settled after a warm-up of a quarter of that. */
export function runPlant(plant: Plant, threads: number, batchSize: number, batches = 120): Run {
  const pending: (readonly [number, number])[] = [[0, plant.inFlight]];
  let pendingCount = plant.inFlight;
  const active: Batch[] = [];
  const hostQueue: Batch[] = [];
  let host: Batch | null = null;
  const warmUp = Math.ceil(batches / 4);
  const sum = { calls: 0, batches: 0, batchMs: 0, executeMs: 0, hostCpuMs: 0, workerCpuMs: 0, busyMs: 0 };
  let latencies: [number, number][] = [];
  let [now, startMs, settled] = [0, 0, 0];

  const take = (count: number) => {
    const taken: (readonly [number, number])[] = [];
    let left = count;
    while (left > 0) {
      const [at, waiting] = pending[0] as readonly [number, number];
      const some = Math.min(left, waiting);
      taken.push([at, some]);
      if (some === waiting) pending.shift();
      else pending[0] = [at, waiting - some];
      left -= some;
    }
    pendingCount -= count;
    return taken;
  };
  const hostMs = (size: number) => (plant.hostPerBatch + size * plant.hostPerCall) / 2;

  while (settled < batches + warmUp) {
    while (active.length < threads && pendingCount > 0) {
      const size = Math.min(batchSize, pendingCount);
      const batch: Batch = { phase: 'queued', left: hostMs(size), calls: take(size), size, sentMs: now, executeMs: 0 };
      active.push(batch);
      hostQueue.push(batch);
    }
    if (!host && hostQueue.length > 0) {
      host = hostQueue.shift() as Batch;
      host.phase = host.left < 0 ? 'host-back' : 'host-out';
      host.left = hostMs(host.size);
      if (host.phase === 'host-out') host.sentMs = now;
    }
    let onCpu = 0;
    for (const batch of active) if (batch.phase === 'cpu' || batch === host) onCpu++;
    const rate = Math.min(1, plant.cores / Math.max(1, onCpu));
    let step = Infinity;
    for (const batch of active) step = Math.min(step, leftOf(batch, rate));
    now += step;
    for (const batch of active) {
      if (batch.phase === 'queued') continue;
      const worked = step * (batch.phase === 'cpu' || batch === host ? rate : 1);
      batch.left -= worked;
      if (batch === host) sum.hostCpuMs += worked;
      if (batch.phase === 'cpu') {
        sum.workerCpuMs += worked;
        const guest =
          (batch.size * plant.workerPerCall * plant.guestShare) /
          (plant.workerPerBatch + batch.size * plant.workerPerCall);
        batch.executeMs += step * guest;
      }
      if (batch.phase === 'wait') batch.executeMs += step;
    }
    sum.busyMs += step * active.length;
    // From the end: a batch that settles leaves the list.
    for (const batch of active.toReversed()) {
      if (batch.phase === 'queued' || batch.left > 1e-12) continue;
      if (batch.phase === 'host-out') [batch.phase, batch.left, host] = ['wake', plant.wakeUp, null];
      else if (batch.phase === 'wake')
        [batch.phase, batch.left] = ['cpu', plant.workerPerBatch + batch.size * plant.workerPerCall];
      else if (batch.phase === 'cpu' && plant.guestWait > 0)
        [batch.phase, batch.left] = ['wait', batch.size * plant.guestWait];
      else if (batch.phase === 'cpu' || batch.phase === 'wait') {
        [batch.phase, batch.left] = ['queued', -1];
        hostQueue.push(batch);
      } else {
        host = null;
        active.splice(active.indexOf(batch), 1);
        pending.push([now, batch.size]);
        pendingCount += batch.size;
        settled++;
        sum.calls += batch.size;
        sum.batches++;
        sum.batchMs += now - batch.sentMs;
        sum.executeMs += batch.executeMs;
        for (const [at, count] of batch.calls) latencies.push([now - at, count]);
        if (settled === warmUp) {
          for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] = 0;
          latencies = [];
          startMs = now;
        }
      }
    }
  }
  return { ...sum, spanMs: now - startMs, latencies };
}

function leftOf(batch: Batch, rate: number): number {
  if (batch.phase === 'queued') return Infinity;
  return batch.phase === 'wake' || batch.phase === 'wait' ? batch.left : batch.left / rate;
}

/** Calls a second, without noise. */
export function rateOf(run: Run): number {
  return (1000 * run.calls) / run.spanMs;
}

/** `count` windows of 500 ms of a run, as a recorder would have cut them. */
export function windowsOf(
  plant: Plant,
  settings: Settings,
  run: Run,
  count: number,
  random: RandomSource,
  noiseSd = 0.03,
): readonly Window[] {
  return Array.from({ length: count }, () => {
    const speed = Math.exp(noiseSd * gaussian(random));
    const scale = 500 / run.spanMs;
    const counted = (value: number) => value * scale * speed;
    const timed = (value: number) => value * scale;
    const calls = Math.round(counted(run.calls));
    const latency = distribution(
      run.latencies.map(([ms, many]) => [ms / speed, Math.max(1, Math.round(counted(many)))]),
    );
    return emptyWindow({
      settings,
      offered: calls,
      outcomes: { ok: calls, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0 },
      backlogAtStart: plant.inFlight,
      backlogAtEnd: plant.inFlight,
      latency,
      service: latency,
      work: {
        batches: counted(run.batches),
        batchedCalls: counted(run.calls),
        batchMs: timed(run.batchMs),
        executeMs: timed(run.executeMs),
        busyFraction: Math.min(1, run.busyMs / run.spanMs / Number(settings['threads'])),
        workerStarts: 0,
      },
      cpuMs: timed(run.hostCpuMs + run.workerCpuMs),
      workerCpuMs: timed(run.workerCpuMs),
    });
  });
}

/** A window of 500 ms in which nothing happened, with `parts` in place of what did. */
export function emptyWindow(parts: Partial<Window>): Window {
  const none = distribution([]);
  return {
    epoch: 0,
    steady: true,
    settings: {},
    startMs: 0,
    endMs: 500,
    offered: 0,
    outcomes: { ok: 0, trap: 0, timeout: 0, cancelled: 0, rejected: 0, shed: 0, lost: 0 },
    backlogAtStart: 0,
    backlogAtEnd: 0,
    wait: none,
    service: none,
    latency: none,
    carried: none,
    unfinished: none,
    start: none,
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

/** Counts in buckets of two significant digits. */
export function distribution(samples: readonly (readonly [ms: number, count: number])[]): Distribution {
  const buckets = new Map<number, number>();
  for (const [ms, count] of samples) {
    const bound = Number((ms * 1e6).toPrecision(2));
    buckets.set(bound, (buckets.get(bound) ?? 0) + count);
  }
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const times = samples.map(([ms]) => ms);
  return {
    count: samples.reduce((sum, [, count]) => sum + count, 0),
    sumMs: samples.reduce((sum, [ms, count]) => sum + ms * count, 0),
    minMs: times.length === 0 ? 0 : Math.min(...times),
    maxMs: times.length === 0 ? 0 : Math.max(...times),
    boundsNs: sorted.map(([bound]) => bound),
    counts: sorted.map(([, count]) => count),
  };
}

/**
 * A pool, event by event: one main thread, K workers, C CPUs shared fairly, N calls in flight in a
 * closed loop. Events are those of whole batches.
 *
 *   pending ─▶ main thread (M/2 + n·m/2) ─▶ wake-up L ─▶ worker CPU (a + n·b), guest waiting n·g
 *      ▲                                                                            │
 *      └──────────── main thread (M/2 + n·m/2): n calls settle, n are offered ◀─────┘
 */

/** Times in ms. */
export interface Pool {
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

export interface PoolRun {
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
  remaining: number;
  readonly calls: readonly (readonly [offeredMs: number, count: number])[];
  readonly size: number;
  sentMs: number;
  executeMs: number;
}

/** At first all calls in flight wait at once, so twice as many must settle before the pool is in a steady state. */
const rounds = { warmUp: 2, seen: 1 } as const;
const fewestBatches = { warmUp: 60, seen: 120 } as const;

/** @param times how many times the usual length to run */
export function runPool(pool: Pool, threads: number, batchSize: number, times = 1): PoolRun {
  const pending: (readonly [number, number])[] = [[0, pool.inFlight]];
  let pendingCount = pool.inFlight;
  const active: Batch[] = [];
  const hostQueue: Batch[] = [];
  let host: Batch | null = null;
  const sum = { calls: 0, batches: 0, batchMs: 0, executeMs: 0, hostCpuMs: 0, workerCpuMs: 0, busyMs: 0 };
  let latencies: [number, number][] = [];
  let [now, startMs, warm] = [0, 0, false];
  const isDone = (part: keyof typeof rounds, length: number) =>
    sum.batches >= length * fewestBatches[part] && sum.calls >= length * rounds[part] * pool.inFlight;

  const take = (count: number) => {
    const taken: (readonly [number, number])[] = [];
    let remaining = count;
    while (remaining > 0) {
      const [at, waiting] = pending[0] as readonly [number, number];
      const some = Math.min(remaining, waiting);
      taken.push([at, some]);
      if (some === waiting) pending.shift();
      else pending[0] = [at, waiting - some];
      remaining -= some;
    }
    pendingCount -= count;
    return taken;
  };
  const hostMs = (size: number) => (pool.hostPerBatch + size * pool.hostPerCall) / 2;

  while (!warm || !isDone('seen', times)) {
    while (active.length < threads && pendingCount > 0) {
      const size = Math.min(batchSize, pendingCount);
      const batch: Batch = {
        phase: 'queued',
        remaining: hostMs(size),
        calls: take(size),
        size,
        sentMs: now,
        executeMs: 0,
      };
      active.push(batch);
      hostQueue.push(batch);
    }
    if (!host && hostQueue.length > 0) {
      host = hostQueue.shift() as Batch;
      host.phase = host.remaining < 0 ? 'host-back' : 'host-out';
      host.remaining = hostMs(host.size);
      if (host.phase === 'host-out') host.sentMs = now;
    }
    let onCpu = 0;
    for (const batch of active) if (batch.phase === 'cpu' || batch === host) onCpu++;
    const rate = Math.min(1, pool.cores / Math.max(1, onCpu));
    let step = Infinity;
    for (const batch of active) step = Math.min(step, leftOf(batch, rate));
    now += step;
    for (const batch of active) {
      if (batch.phase === 'queued') continue;
      const worked = step * (batch.phase === 'cpu' || batch === host ? rate : 1);
      batch.remaining -= worked;
      if (batch === host) sum.hostCpuMs += worked;
      if (batch.phase === 'cpu') {
        sum.workerCpuMs += worked;
        const guest =
          (batch.size * pool.workerPerCall * pool.guestShare) / (pool.workerPerBatch + batch.size * pool.workerPerCall);
        batch.executeMs += step * guest;
      }
      if (batch.phase === 'wait') batch.executeMs += step;
    }
    sum.busyMs += step * active.length;
    // From the end: a batch that settles leaves the list.
    for (let i = active.length - 1; i >= 0; i--) {
      const batch = active[i] as Batch;
      if (batch.phase === 'queued' || batch.remaining > 1e-12) continue;
      if (batch.phase === 'host-out') [batch.phase, batch.remaining, host] = ['wake', pool.wakeUp, null];
      else if (batch.phase === 'wake')
        [batch.phase, batch.remaining] = ['cpu', pool.workerPerBatch + batch.size * pool.workerPerCall];
      else if (batch.phase === 'cpu' && pool.guestWait > 0)
        [batch.phase, batch.remaining] = ['wait', batch.size * pool.guestWait];
      else if (batch.phase === 'cpu' || batch.phase === 'wait') {
        [batch.phase, batch.remaining] = ['queued', -1];
        hostQueue.push(batch);
      } else {
        host = null;
        active.splice(i, 1);
        pending.push([now, batch.size]);
        pendingCount += batch.size;
        sum.calls += batch.size;
        sum.batches++;
        sum.batchMs += now - batch.sentMs;
        sum.executeMs += batch.executeMs;
        for (const [at, count] of batch.calls) latencies.push([now - at, count]);
        if (!warm && isDone('warmUp', 1)) {
          warm = true;
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
  return batch.phase === 'wake' || batch.phase === 'wait' ? batch.remaining : batch.remaining / rate;
}

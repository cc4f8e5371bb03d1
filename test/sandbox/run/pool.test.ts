import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock, systemTimers, type Timers } from '../../../src/foundation/clock.ts';
import { type PoolOptions, slotCountFor, WorkerPool } from '../../../src/sandbox/run/pool.ts';
import { createSharedMemory } from '../../../src/sandbox/run/protocol.ts';
import type { WorkerUnit } from '../../../src/sandbox/run/worker-unit.ts';

it('a pause between starts that fail ends with its pool, so that it keeps no process alive', async () => {
  let pause: Promise<void> | undefined;
  const timers: Timers = {
    sleep: (_, { signal } = {}) => {
      pause = new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('ended')));
      });
      return pause;
    },
  };
  const pool = new WorkerPool({
    workerUrl: new URL('file:///no/such/worker.js'),
    setup: {} as never,
    threads: 1,
    servesRings: false,
    maxThreads: 1,
    clock: systemClock,
    timers,
    events: { ready() {}, gone() {}, broken() {}, wanted: () => true },
  });
  while (!pause) await new Promise((resolve) => setImmediate(resolve));
  await pool.destroy();
  await expect(pause).rejects.toThrow('ended');
});

/** The workers of this process that live, and what happens to each as it is started. */
function watched(started: (worker: Worker) => void = () => undefined): ReadonlySet<Worker> {
  const living = new Set<Worker>();
  const listener = (message: unknown) => {
    const { worker } = message as { readonly worker: Worker };
    living.add(worker);
    worker.once('exit', () => living.delete(worker));
    started(worker);
  };
  subscribe('worker_threads', listener);
  onTestFinished(async () => {
    unsubscribe('worker_threads', listener);
    await Promise.all(Array.from(living, (worker) => worker.terminate()));
  });
  return living;
}

/** A pool of one worker, and its units as they become ready. */
function poolOfOne(events: Partial<PoolOptions['events']> = {}) {
  const waiting: ((unit: WorkerUnit) => void)[] = [];
  const pool = new WorkerPool({
    workerUrl: new URL('./held-worker.ts', import.meta.url),
    setup: { memory: createSharedMemory(slotCountFor(1)) } as never,
    threads: 1,
    servesRings: true,
    maxThreads: 1,
    clock: systemClock,
    timers: systemTimers,
    events: {
      ready: (unit) => waiting.shift()?.(unit),
      gone() {},
      broken() {},
      wanted: () => true,
      ...events,
    },
  });
  onTestFinished(() => pool.destroy());
  return { pool, next: () => new Promise<WorkerUnit>((resolve) => waiting.push(resolve)) };
}

it('leaves no worker where one that has failed ends after the others', async () => {
  const living = watched();
  const { pool, next } = poolOfOne();
  const unit = await next();
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const { value } = Atomics.waitAsync(begun, 0, 0);
  const held = pool.send(unit, begun).catch(() => undefined);
  await value;
  unit.worker.emit('error', new Error('planted'));
  await pool.destroy();
  await held;
  expect(living.size).toBe(0);
});

it('starts a worker anew that was ended as it started, though no call waits', async () => {
  let starts = 0;
  watched((worker) => {
    if (++starts === 2) void worker.terminate();
  });
  const { pool, next } = poolOfOne({ wanted: () => false });
  const unit = await next();
  const replacement = next();
  void unit.worker.terminate();
  await replacement;
  expect([starts, pool.units.length]).toEqual([3, 1]);
  await pool.destroy();
});

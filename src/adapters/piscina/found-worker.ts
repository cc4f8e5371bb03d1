/**
 * The worker of a thread that had started before anybody listened to its pool. piscina tells of a worker when
 * it starts, and never again; but a call that it gives to a worker carries the worker's record, and Node's
 * async hooks show the object of a call when it is made.
 */
import { createHook } from 'node:async_hooks';
import type { PiscinaPool, PiscinaWorker } from './piscina-shape.ts';
import { isRecord, usageOf, type WorkerRecord } from './worker-record.ts';

/** piscina's object of a call. */
interface PoolCall {
  readonly workerInfo: unknown;
  /** Called by piscina when the call has ended: counts it and settles it. */
  done: () => void;
  emitDestroy(): void;
}

/**
 * The worker that a call which `run` makes was given to; undefined where none was free. The call runs, and is
 * counted nowhere.
 */
export function workerGivenTo(pool: PiscinaPool, run: () => void): PiscinaWorker | undefined {
  const calls: PoolCall[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Piscina.Task') calls.push(resource as PoolCall);
    },
  });
  hook.enable();
  try {
    withoutWaitTimes(pool, run);
  } finally {
    hook.disable();
  }
  const [call] = calls;
  const record = call?.workerInfo;
  if (!call || !isRecord(record)) return undefined;
  call.done = () => call.emitDestroy();
  return workerOf(record);
}

/** In the form in which piscina tells of one. */
function workerOf(record: WorkerRecord): PiscinaWorker {
  return {
    get id() {
      return record.worker.threadId;
    },
    get currentUsage() {
      return usageOf(record);
    },
    [Symbol('record')]: record,
  } as PiscinaWorker;
}

/** Since piscina 5.1 the pool shows what writes its histograms. */
function withoutWaitTimes(pool: PiscinaPool, run: () => void): void {
  const writer = (pool.histogram as { readonly histogram?: { recordWaitTime?: unknown } } | null | undefined)
    ?.histogram;
  if (typeof writer?.recordWaitTime !== 'function') return run();
  writer.recordWaitTime = () => {};
  try {
    run();
  } finally {
    delete writer.recordWaitTime;
  }
}

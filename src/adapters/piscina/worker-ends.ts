/**
 * Which calls a worker of a pool took along when it ended, whatever it ended of: an exit, an error that
 * nobody caught, memory, or the pool itself. Also which workers have started. Both are heard of from the
 * workers, since piscina tells of them only from version 5 on.
 *
 * piscina rejects the calls of a worker that has ended in the same turn in which the worker tells of it.
 * What the function of a worker throws comes as a message, and so in another turn. So a call that is
 * rejected in that turn, and was handed to a worker before, was taken along. The text of an error does
 * not tell: a function may throw the same one.
 */
import type { Worker } from 'node:worker_threads';
import { processWide } from '../../foundation/process-wide.ts';
import { asMicrotask } from '../../foundation/turns.ts';
import type { PiscinaPool } from './piscina-shape.ts';
import { PoolEnd } from './pool-end.ts';

const ofPools = processWide('worker-ends', () => new WeakMap<object, WorkerEnds>());

export class WorkerEnds {
  readonly #pool: PiscinaPool;
  readonly #itself = new WeakRef(this);
  readonly #watched = new WeakSet<Worker>();
  /** Those who are told that a worker has started; the pool is watched as long as there are any. */
  readonly #started = new Set<() => void>();
  /** Workers that have ended; to be kept with a call when it is handed to a worker. A field, since each call reads it. */
  count = 0;
  /** The pool has ended the worker that ended last: that one did not die. */
  lastWasDropped = false;
  readonly poolEnd: PoolEnd;
  /** True until the turn is over in which the last worker ended. */
  #isTold = false;

  /** One for a pool, however often it is wrapped. */
  static of(pool: PiscinaPool): WorkerEnds {
    const known = ofPools.get(pool.options) ?? new WorkerEnds(pool);
    ofPools.set(pool.options, known);
    return known;
  }

  private constructor(pool: PiscinaPool) {
    this.#pool = pool;
    this.poolEnd = new PoolEnd(pool, this);
    for (const thread of pool.threads) this.#watch(thread as Worker);
  }

  /** @returns stops telling */
  onStart(started: () => void): () => void {
    if (this.#started.size === 0) {
      this.#pool.on('workerDestroy', this.#ended);
      newWorkers.on(this.#itself);
    }
    this.#started.add(started);
    return () => {
      if (!this.#started.delete(started) || this.#started.size > 0) return;
      this.#pool.off('workerDestroy', this.#ended);
      newWorkers.off(this.#itself);
      ofPools.delete(this.#pool.options);
      this.poolEnd.forget();
    };
  }

  /**
   * True for a call that is being rejected because its worker ended.
   * @param countThen `count` when the call was handed to it
   */
  tookAlong(countThen: number): boolean {
    // A pool that was destroyed has no worker left; before piscina 5 it does not tell of that.
    return (this.#isTold && this.count > countThen) || this.#pool.threads.length === 0;
  }

  /** A worker was started, for this pool or for something else. */
  created(worker: Worker): void {
    if (this.#watched.has(worker) || !this.#pool.threads.includes(worker)) return;
    this.#watch(worker);
    worker.once('online', () => {
      for (const started of this.#started) started();
    });
  }

  #watch(worker: Worker): void {
    this.#watched.add(worker);
    let hasFailed = false;
    worker.on('error', this.#ended);
    worker.on('exit', this.#ended);
    // Before piscina hears of it, which then drops what has died too.
    worker.prependListener('error', () => {
      hasFailed = true;
    });
    worker.prependListener('exit', () => {
      this.lastWasDropped = !hasFailed && !this.#pool.threads.includes(worker);
    });
  }

  readonly #ended = (): void => {
    const count = ++this.count;
    this.#isTold = true;
    // A tick that was queued in a microtask comes when all microtasks have run, and with them the turn is over.
    asMicrotask(() =>
      process.nextTick(() => {
        if (this.count === count) this.#isTold = false;
      }),
    );
  };
}

/** Whether its owner has closed or destroyed a pool that is watched. */
export function isPoolOver({ options }: Pick<PiscinaPool, 'options'>): boolean {
  return ofPools.get(options)?.poolEnd.isOver === true;
}

/**
 * Tells of each worker that this thread starts, by one listener to the process. It keeps nobody alive: a
 * program may drop a pool and its wrap without a word.
 */
const newWorkers = {
  listeners: new Set<WeakRef<WorkerEnds>>(),
  tell: (worker: Worker): void => {
    for (const listener of newWorkers.listeners) {
      const ends = listener.deref();
      if (ends) ends.created(worker);
      else newWorkers.off(listener);
    }
  },
  on(listener: WeakRef<WorkerEnds>): void {
    if (this.listeners.size === 0) process.on('worker', this.tell);
    this.listeners.add(listener);
  },
  off(listener: WeakRef<WorkerEnds>): void {
    this.listeners.delete(listener);
    if (this.listeners.size === 0) process.off('worker', this.tell);
  },
};

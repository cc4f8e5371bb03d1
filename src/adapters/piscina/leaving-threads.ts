/**
 * Threads of a pool that were told to end. Until they have, the pool counts them: it would end others, for
 * there are more than its minimum, and it would make up for each that ends. So its minimum is as high as
 * what is there, and comes down with each of them.
 */
import type { PiscinaPool, PiscinaWorker } from './piscina-shape.ts';
import { type WorkerRecord, workerRecordOf } from './worker-record.ts';

export class LeavingThreads {
  readonly #pool: PiscinaPool;
  readonly #leaving = new Set<WorkerRecord>();
  #least: number;

  constructor(pool: PiscinaPool) {
    this.#pool = pool;
    this.#least = pool.options.minThreads;
    pool.on('workerDestroy', this.#destroyed);
  }

  /** True where the pool has nobody that was told to end. */
  get areGone(): boolean {
    return this.count === 0;
  }

  get count(): number {
    return this.#leaving.size;
  }

  /** The pool is to have `least` threads at least, once those that leave are gone. */
  set least(threads: number) {
    this.#least = threads;
    this.#set(0);
  }

  /** Ends a thread that has no call and is given none. */
  end(record: WorkerRecord): void {
    this.#leaving.add(record);
    this.#set(0);
    void record.worker.terminate();
  }

  dispose(): void {
    this.#pool.off('workerDestroy', this.#destroyed);
  }

  // piscina emits this before it strikes the thread off its list and makes up for it.
  readonly #destroyed = (worker: PiscinaWorker): void => {
    const record = workerRecordOf(worker);
    if (record === undefined || !this.#leaving.delete(record)) return;
    this.#set(1);
  };

  /** @param gone threads that have ended but that the pool still counts */
  #set(gone: number): void {
    const { options, threads } = this.#pool;
    options.minThreads = this.areGone ? this.#least : Math.max(this.#least, threads.length - gone);
  }
}

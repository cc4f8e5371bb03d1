/**
 * Whether the owner of a wrapped pool has closed or destroyed it. piscina tells of close(), and of destroy()
 * nothing: but a pool that is to have threads at all times, and has ended the last of them by itself, was
 * destroyed. One that may have none cannot be told from one that idles when it was destroyed, and is as good.
 * A pool of either kind begins anew with its next call: it is not over any more then.
 */
import type { PiscinaPool } from './piscina-shape.ts';

/** What is known of the workers of the pool. */
export interface LastEnd {
  /** The pool has ended the worker that ended last. */
  readonly lastWasDropped: boolean;
}

export class PoolEnd {
  readonly #pool: PiscinaPool;
  readonly #ends: LastEnd;
  #isClosed = false;

  constructor(pool: PiscinaPool, ends: LastEnd) {
    this.#pool = pool;
    this.#ends = ends;
    pool.on('close', this.#closed);
  }

  get isOver(): boolean {
    const { threads, options } = this.#pool;
    if (threads.length > 0) this.#isClosed = false;
    else if (options.minThreads > 0 && this.#ends.lastWasDropped) return true;
    return this.#isClosed;
  }

  /** Hears of nothing any more. */
  forget(): void {
    this.#pool.off('close', this.#closed);
  }

  readonly #closed = (): void => {
    this.#isClosed = true;
  };
}

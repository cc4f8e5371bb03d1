/**
 * Which threads of a pool are ready, and how more are started before there are calls for them.
 *
 * piscina has no way to ask for a thread: it starts one for a call that finds no idle thread. So each
 * idle thread is given a call that does nothing, and each call that finds none is taken back, which
 * leaves just the thread. No call of the user's is touched, and their function is not run.
 */
import { Condition } from '../../foundation/condition.ts';
import type { PiscinaPool, PiscinaWorker } from './piscina-shape.ts';
import { stampedList } from './pool-executor.ts';

/** A function every Node has that does nothing with what piscina hands it. */
const nothing = { filename: 'node:timers', name: 'clearTimeout' } as const;

export class ReadyThreads {
  readonly #pool: PiscinaPool;
  /** By thread id. Of a thread that was there before us piscina shows no worker. */
  readonly #ready = new Map<number, PiscinaWorker | undefined>();
  readonly #changed = new Condition();

  constructor(pool: PiscinaPool) {
    this.#pool = pool;
    // piscina too takes those of its construction for ready.
    for (const { threadId } of pool.threads) this.#ready.set(threadId, undefined);
    pool.on('workerCreate', (worker) => {
      this.#ready.set(worker.id, worker);
      this.#changed.notify();
    });
    // piscina says so before it takes the thread off its list and starts another in its place.
    pool.on('workerDestroy', () => queueMicrotask(() => this.#forgetEnded()));
  }

  /** Undefined while the thread is starting or ending. */
  workerOf(threadId: number): PiscinaWorker | undefined {
    return this.#ready.get(threadId);
  }

  /** The thread was told to end: no longer ready. */
  ends(threadId: number): void {
    this.#ready.delete(threadId);
  }

  /**
   * Starts threads until the pool has `count`, which its `maxThreads` must allow; resolves when every
   * thread it has is ready. A thread that cannot start is the pool's to report, and is not waited for;
   * nor is one that a load balancer of the user's keeps from starting, which finds each call a thread.
   */
  async start(count: number): Promise<void> {
    this.#startMissing(count);
    await this.#changed.until(() => this.#pool.threads.every(({ threadId }) => this.#ready.has(threadId)));
  }

  #startMissing(count: number): void {
    const { options } = this.#pool;
    const { maxQueue } = options;
    // piscina starts nothing for a call it sheds. Nobody sees the change: it is gone before we return.
    options.maxQueue = Number.POSITIVE_INFINITY;
    try {
      // Each idle thread takes one of these calls, so `count` of them are enough for those that lack.
      for (let calls = 0; calls < count && this.#pool.threads.length < count; calls++) this.#startOne();
    } finally {
      options.maxQueue = maxQueue;
    }
  }

  #startOne(): void {
    let posted = false;
    const transferList = stampedList([], () => {
      posted = true;
    });
    // With a signal a call has its thread to itself, and the next one does not come to lie behind it.
    const taken = new AbortController();
    this.#pool.run(undefined, { ...nothing, transferList, signal: taken.signal }).catch(() => {});
    // Once posted it must not be taken back: that would end the thread.
    if (!posted) taken.abort();
  }

  #forgetEnded(): void {
    const alive = new Set(this.#pool.threads.map((thread) => thread.threadId));
    for (const id of this.#ready.keys()) if (!alive.has(id)) this.#ready.delete(id);
    this.#changed.notify();
  }
}

/**
 * Which threads of a pool are ready, and how more are started before there are calls for them.
 *
 * piscina has no way to ask for a thread: it starts one for a call that finds no idle thread. So each
 * idle thread is given a call that does nothing. A further such call finds no idle thread, makes piscina
 * start one, and is aborted, which leaves only the thread. No call of the user's is touched, and their
 * function is not run.
 */
import { Condition } from '../../foundation/condition.ts';
import type { PiscinaPool, PiscinaWorker } from './piscina-shape.ts';
import { stampedList } from './pool-executor.ts';

/** A function every Node has that does nothing with what piscina hands it. */
const nothing = { filename: 'node:timers', name: 'clearTimeout' } as const;

export class ReadyThreads {
  readonly #pool: PiscinaPool;
  /**
   * The workers of ready threads by thread id; undefined for a thread older than this, whose worker
   * piscina does not give.
   */
  readonly #ready = new Map<number, PiscinaWorker | undefined>();
  readonly #changed = new Condition();

  constructor(pool: PiscinaPool) {
    this.#pool = pool;
    // piscina itself counts the threads it was constructed with as ready.
    for (const { threadId } of pool.threads) this.#ready.set(threadId, undefined);
    pool.on('workerCreate', (worker) => {
      this.#ready.set(worker.id, worker);
      this.#changed.notify();
    });
    // piscina emits this before it takes the thread off its list and starts another in its place.
    pool.on('workerDestroy', () => queueMicrotask(() => this.#forgetEnded()));
  }

  /** The worker of a thread; undefined while the thread is starting or ending. */
  workerOf(threadId: number): PiscinaWorker | undefined {
    return this.#ready.get(threadId);
  }

  /** The thread was asked to end, and no longer counts as ready. */
  ends(threadId: number): void {
    this.#ready.delete(threadId);
  }

  /**
   * Starts threads until the pool has `count`, which its `maxThreads` must allow; resolves when every
   * thread it has is ready. A thread that cannot start is reported by the pool and is
   * not waited for. Where a load balancer of the user's finds a thread for every call, none is started.
   */
  async start(count: number): Promise<void> {
    this.#startMissing(count);
    await this.#changed.until(() => this.#pool.threads.every(({ threadId }) => this.#ready.has(threadId)));
  }

  #startMissing(count: number): void {
    const { options } = this.#pool;
    const { maxQueue } = options;
    // piscina starts no thread for a call that it sheds, so the limit is lifted until this function returns.
    options.maxQueue = Number.POSITIVE_INFINITY;
    try {
      // Each idle thread takes one of these calls, so `count` calls are enough to start the missing threads.
      for (let calls = 0; calls < count && this.#pool.threads.length < count; calls++) this.#startOne();
    } finally {
      options.maxQueue = maxQueue;
    }
  }

  #startOne(): void {
    let isInWorker = false;
    const transferList = stampedList([], () => {
      isInWorker = true;
    });
    // piscina gives a call with a signal a thread of its own, so the next of these calls does not queue behind it.
    const controller = new AbortController();
    this.#pool.run(undefined, { ...nothing, transferList, signal: controller.signal }).catch(() => {});
    // A call that a worker has got must not be aborted, because that would end its thread.
    if (!isInWorker) controller.abort();
  }

  #forgetEnded(): void {
    const alive = new Set(this.#pool.threads.map((thread) => thread.threadId));
    for (const id of this.#ready.keys()) if (!alive.has(id)) this.#ready.delete(id);
    this.#changed.notify();
  }
}

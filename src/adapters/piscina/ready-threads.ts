/**
 * Which threads of a pool are ready, and how more are started before there are calls for them.
 *
 * piscina has no way to ask for a thread: it starts one for a call that finds no thread free. So it is
 * given a call that does nothing, at a moment when no thread takes one. It starts a thread for it, and
 * the call is taken back at once, before anything has counted it. No call of the user's is touched, and
 * neither their function is run nor a `run()` of their own.
 */
import { Condition } from '../../foundation/condition.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import { asMicrotask } from '../../foundation/turns.ts';
import { CallStop } from './call-stop.ts';
import { workerGivenTo } from './found-worker.ts';
import { isInTime, longestWaitMs } from './in-time.ts';
import { ownRunOf } from './own-run.ts';
import type { PiscinaPool, PiscinaWorker } from './piscina-shape.ts';
import { offerCalls, workerRecordOf } from './worker-record.ts';

/** A function every Node has that does nothing with what piscina hands it. */
const nothing = { filename: 'node:timers', name: 'clearTimeout' } as const;

export interface ReadyThreadsOptions {
  readonly pool: PiscinaPool;
  /** Calls `run` while no thread of the pool takes a call. */
  readonly whileNoneTakes: (run: () => void) => void;
  /** Called when a thread has become ready, before piscina gives it a call, and when one has ended. */
  readonly changed?: () => void;
  /** A thread that is not ready by then is not waited for any longer. @defaultValue 30,000 */
  readonly longestStartMs?: number;
}

export class ReadyThreads {
  readonly #options: ReadyThreadsOptions;
  /** The workers of ready threads by thread id; undefined for a thread older than this, until piscina tells of its worker. */
  readonly #ready = new Map<number, PiscinaWorker | undefined>();
  readonly #changed = new Condition();
  readonly #run: PiscinaPool['run'];

  constructor(options: ReadyThreadsOptions) {
    this.#options = options;
    const { pool } = options;
    this.#run = ownRunOf(pool);
    // piscina itself counts the threads it was constructed with as ready, and tells of their workers a moment later.
    for (const { threadId } of pool.threads) this.#ready.set(threadId, undefined);
    pool.on('workerCreate', this.#created);
    pool.on('workerDestroy', this.#destroyed);
  }

  /** The worker of a thread; undefined while the thread is starting or ending. */
  workerOf(threadId: number): PiscinaWorker | undefined {
    return this.#ready.get(threadId);
  }

  /** The workers of ready threads, oldest first. */
  get workers(): readonly PiscinaWorker[] {
    const known = [...this.#ready.values()].filter((worker) => worker !== undefined);
    return known.sort((a, b) => a.id - b.id);
  }

  /** Ready threads whose worker piscina has not told of: it tells only when they start. */
  get untoldCount(): number {
    return this.#ready.size - this.workers.length;
  }

  /**
   * Learns of the workers of untold threads that are idle, each by a call that does nothing.
   * @returns whether all are known now
   */
  findUntold(): boolean {
    const { options } = this.#options.pool;
    const { maxThreads } = options;
    // Where none is idle, no thread is to be started for the call.
    options.maxThreads = this.#options.pool.threads.length;
    try {
      while (this.untoldCount > 0 && this.#findOne());
    } finally {
      options.maxThreads = maxThreads;
    }
    return this.untoldCount === 0;
  }

  #findOne(): boolean {
    const { pool, whileNoneTakes } = this.#options;
    let worker: PiscinaWorker | undefined;
    whileNoneTakes(() => {
      let call: CallStop | undefined;
      worker = workerGivenTo(pool, () => {
        call = this.#call();
      });
      // A call that a worker has got must not be taken back, because that would end its thread.
      if (!worker) call?.abort();
    });
    if (!worker || !this.#ready.has(worker.id)) return false;
    this.#ready.set(worker.id, worker);
    return true;
  }

  /** True where no thread is on its way. */
  get areAllReady(): boolean {
    return this.#options.pool.threads.every(({ threadId }) => this.#ready.has(threadId));
  }

  /** The thread was asked to end, and no longer counts as ready. */
  ends(threadId: number): void {
    this.#ready.delete(threadId);
  }

  /**
   * Starts threads until the pool has `count`, which its `maxThreads` must allow; resolves when every
   * thread it has is ready, or has had long enough: the file of a worker may never end loading, and a pool
   * may not tell of its workers. A thread that cannot start is reported by the pool and is not waited for.
   */
  async start(count: number): Promise<void> {
    this.#startMissing(count);
    await isInTime(
      this.#changed.until(() => this.areAllReady),
      this.#options.longestStartMs ?? longestWaitMs,
    );
  }

  /** Starts threads as `start` does. @throws {SandtuneError} ERR_SANDTUNE_KNOB where one is not ready in time */
  async provide(count: number): Promise<void> {
    await this.start(count);
    if (this.areAllReady) return;
    const ready = this.#options.pool.threads.filter(({ threadId }) => this.#ready.has(threadId)).length;
    throw new SandtuneError(
      'ERR_SANDTUNE_KNOB',
      `threads: expected ${count} that are ready, got ${ready}: the others did not tell of their start in time`,
    );
  }

  /** Listens to the pool no longer. */
  dispose(): void {
    const { pool } = this.#options;
    pool.off('workerCreate', this.#created);
    pool.off('workerDestroy', this.#destroyed);
  }

  readonly #created = (worker: PiscinaWorker): void => {
    this.#ready.set(worker.id, worker);
    this.#options.changed?.();
    this.#changed.notify();
  };

  // piscina emits this before it takes the thread off its list and starts another in its place.
  readonly #destroyed = (): void => asMicrotask(() => this.#forgetEnded());

  #startMissing(count: number): void {
    const { pool, whileNoneTakes } = this.#options;
    const { options } = pool;
    const { maxQueue } = options;
    const before = pool.threads.length;
    // piscina starts no thread for a call that it sheds, so the limit is lifted until this function returns.
    options.maxQueue = Number.POSITIVE_INFINITY;
    try {
      whileNoneTakes(() => {
        for (let calls = 0; calls < count && pool.threads.length < count; calls++) this.#startOne();
      });
    } finally {
      options.maxQueue = maxQueue;
    }
    if (pool.threads.length > before) this.#dropTakenBack(pool.threads.length - before);
  }

  /** Some versions of piscina keep a call that was taken back in their queue until it would be its turn. */
  #dropTakenBack(calls: number): void {
    const [worker] = this.workers;
    const record = worker && workerRecordOf(worker);
    if (record) for (let call = 0; call < calls; call++) offerCalls(record);
  }

  #startOne(): void {
    this.#call().abort();
  }

  /** Makes a call that does nothing. */
  #call(): CallStop {
    const stop = new CallStop();
    this.#run(undefined, { ...nothing, signal: stop.signal }).catch(() => {});
    return stop;
  }

  #forgetEnded(): void {
    const alive = new Set(this.#options.pool.threads.map((thread) => thread.threadId));
    for (const id of this.#ready.keys()) if (!alive.has(id)) this.#ready.delete(id);
    this.#options.changed?.();
    this.#changed.notify();
  }
}

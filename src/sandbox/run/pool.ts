/**
 * The only door to piscina. It keeps a number of workers alive and carries a message to the worker
 * it is told to; which worker, when, and how many at once is decided by the tier.
 *
 *   resize(target) ─▶ piscina's min/max ─▶ 'workerCreate' ─▶ unit (ready)
 *   send(unit, message) ─▶ our load balancer returns exactly that worker ─▶ reply or rejection
 *   end(unit) ─▶ worker.terminate() ─▶ 'exit' ─▶ piscina starts the replacement
 *
 * piscina's pitfalls, and what is done here: a worker that dies while starting makes it never start
 * another one, so missing workers are started by hand (after a pause that doubles); `pool.options`
 * grows the pool only when something is queued, so an aborted call is queued; its `close()` loses
 * running calls, so it is never used (see drain in sandbox.ts); an idle timeout of 0 kills
 * workers between bursts, so there is none.
 *
 * The threads are piscina's also where calls travel in shared memory, for it makes no difference to them: a bare ring
 * served by a task of piscina's that never ends did 465 k tiny calls a second with 64 in flight, and by a thread of
 * node:worker_threads 461 k; one call at a time took 21 and 26 µs (medians of 12 interleaved blocks, two workers on
 * 2 busy cores, `npm run bench -- core.ring`, 2026-11-27). At 1.1 times as much it would be worth a pool of our own.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import { FixedQueue, Piscina } from 'piscina';
import { standsOn } from '../../executor/resource.ts';
import type { Clock, Timers } from '../../foundation/clock.ts';
import { asMicrotask } from '../../foundation/turns.ts';
import type { WorkerSetup } from './protocol.ts';
import { WorkerUnit } from './worker-unit.ts';

interface PoolEvents {
  /** A unit is ready. */
  ready(unit: WorkerUnit): void;
  /** A unit is gone; its last message, if any, is about to reject. */
  gone(unit: WorkerUnit): void;
  /** Workers keep failing to start. Called again after each further failure. */
  broken(error: unknown): void;
  /** True when a call or a knob waits for a worker. Otherwise failed starts are not repeated. */
  wanted(): boolean;
}

export interface PoolOptions {
  readonly workerUrl: URL;
  readonly setup: WorkerSetup;
  readonly threads: number;
  readonly maxThreads: number;
  /** Its workers may be told to serve rings. */
  readonly servesRings: boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: PoolEvents;
}

type PiscinaWorker = Parameters<
  NonNullable<ConstructorParameters<typeof Piscina>[0]>['loadBalancer'] & object
>[1][number];

/**
 * Rounds of failed starts in a row, with pauses in between (1.3 s in all), after which what waits for a
 * worker is refused.
 */
const failedStartsToBreak = 8;
/**
 * How much of a failed start a worker counts for that ended while it started, but without an error. It
 * was most likely ended from outside, which hardly says that the next start will fail.
 */
const endedStartShare = 0.02;
/** Time without a successful start after which what waits for a worker is refused as well, ms. */
const longestFailingMs = 5000;
const firstPauseMs = 10;
const longestPauseMs = 1000;

export class WorkerPool {
  readonly #piscina: Piscina;
  readonly #options: PoolOptions;
  /** Ready workers, oldest first: the first K are the ones in use. */
  readonly units: WorkerUnit[] = [];
  readonly #watched = new WeakSet<Worker>();
  /** All that were started and have not exited. */
  readonly #living = new Set<Worker>();
  #destroyed: Promise<void> | undefined;
  readonly #freeShares: number[];
  /** Workers whose start has been counted as failed: their error is followed by their exit. */
  readonly #failed = new WeakSet<Worker>();
  #target: number;
  #sendingTo: number | undefined;
  #failedStarts = 0;
  /** What the starts of this round have added to `#failedStarts`: a round counts as its worst start. */
  #failedInRound = 0;
  #failingSinceMs: number | undefined;
  #pausing = false;
  #stalled = false;
  /** Aborted when the pool is destroyed, with which a pause ends: it must not keep the process alive. */
  readonly #closing = new AbortController();
  #lastError: unknown;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#target = options.threads;
    // Twice as many shares as workers, because a worker may be on its way out while its replacement is ready.
    this.#freeShares = Array.from({ length: 2 * options.maxThreads }, (_, share) => share).reverse();
    this.#piscina = new Piscina({
      filename: options.workerUrl.href,
      workerData: options.setup,
      minThreads: options.threads,
      maxThreads: options.threads,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      // Workers that may be told to serve rings must come to their event loop between calls. Calls by messages then
      // do 0.97 of what they do at piscina's default with 64 in flight, and 0.9 one at a time (means of twelve
      // interleaved runs, tiny calls, two workers on 2 cores, 2026-11-27); where all go by messages it stays at that.
      ...(options.servesRings && { atomics: 'disabled' }),
      recordTiming: false,
      taskQueue: new FixedQueue(),
      loadBalancer: (_call, workers) => this.#choose(workers),
    });
    standsOn(this, this.#piscina.options);
    this.#piscina.on('error', (error) => {
      this.#lastError = error;
    });
    // piscina tells of a worker just before it would give it a call, and just before it forgets it.
    this.#piscina.on('workerCreate', ({ id }: { id: number }) => asMicrotask(() => this.#adopt(id)));
    this.#piscina.on('workerDestroy', () => asMicrotask(() => this.#heal()));
    this.#watch();
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  get target(): number {
    return this.#target;
  }

  /** Workers that are alive, ready or starting. */
  get size(): number {
    return this.#piscina.threads.length;
  }

  /**
   * Carries a message to this worker.
   * @param port goes with it
   * @throws what the worker threw, or that it died, or a DataCloneError
   */
  send(unit: WorkerUnit, message: unknown, port?: MessagePort): Promise<unknown> {
    this.#sendingTo = unit.threadId;
    try {
      return this.#piscina.run(message, port && { transferList: [port] as never }) as Promise<unknown>;
    } catch (error) {
      return Promise.reject(error);
    } finally {
      this.#sendingTo = undefined;
    }
  }

  /** Ends one worker; unless the pool is above its target, another takes its place. */
  end(unit: WorkerUnit): void {
    if (unit.doomed) return;
    unit.doomed = true;
    void unit.worker.terminate();
  }

  /** Keeps `target` workers alive: starts what is missing; what is too many must be ended by the caller. */
  resize(target: number): void {
    this.#target = target;
    const { options } = this.#piscina;
    options.minThreads = target;
    options.maxThreads = target;
    this.#forgetFailures();
    this.#heal();
  }

  /** A call or a knob waits for a worker: starts that were given up after failures are tried again. O(1). */
  wanted(): void {
    if (!this.#stalled || this.#closed) return;
    this.#stalled = false;
    // Time in which no worker was wanted does not count as time in which none could be started.
    this.#failingSinceMs = undefined;
    this.#startMissing();
  }

  /** Ends all workers at once, also those that still start. Resolves when they have ended; a second call as well. */
  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    this.#closing.abort();
    this.#watch();
    // Once its own `destroy()` is over, piscina replaces whatever ends later.
    this.#piscina.options.minThreads = 0;
    const ends = [...this.#living].map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    await this.#piscina.destroy();
    // piscina knows nothing any more of those that were ended before, and of none when it is asked twice.
    for (const worker of this.#living) void worker.terminate();
    await Promise.all(ends);
  }

  /**
   * piscina's load balancer. Null leaves a call queued: that is wanted of the call that makes piscina
   * start a worker.
   */
  #choose(workers: readonly PiscinaWorker[]): PiscinaWorker | null {
    if (this.#sendingTo === undefined) return null;
    for (const worker of workers) if (worker.id === this.#sendingTo) return worker;
    throw new Error(`worker ${this.#sendingTo} has ended`);
  }

  #adopt(threadId: number): void {
    this.#watch();
    const worker = this.#piscina.threads.find((one) => one.threadId === threadId);
    if (!worker || this.#closed) return;
    this.#forgetFailures();
    const unit = new WorkerUnit(worker, this.#freeShares.pop() as number, this.#options.setup.memory);
    this.units.push(unit);
    this.#options.events.ready(unit);
  }

  /** Listens to every worker that piscina has started, from before it is ready. */
  #watch(): void {
    for (const worker of this.#piscina.threads) {
      if (this.#watched.has(worker)) continue;
      this.#watched.add(worker);
      this.#living.add(worker);
      worker.once('error', (error) => {
        this.#lastError = error;
        const unit = this.units.find((one) => one.worker === worker);
        if (unit) {
          unit.doomed = true;
          unit.fault = error;
        } else this.#startFailed(worker, 1);
      });
      worker.once('exit', (code) => this.#exited(worker, code));
    }
  }

  #exited(worker: Worker, code: number): void {
    this.#living.delete(worker);
    const index = this.units.findIndex((unit) => unit.worker === worker);
    const [unit] = index < 0 ? [] : this.units.splice(index, 1);
    if (unit) {
      if (!unit.doomed) unit.exitCode = code;
      unit.doomed = true;
      this.#freeShares.unshift(unit.share);
      this.#options.events.gone(unit);
    } else if (!this.#failed.has(worker) && !this.#closed) {
      this.#lastError = new Error(`expected a worker to start, got its end with exit code ${code}`);
      this.#startFailed(worker, endedStartShare);
    }
    this.#heal();
  }

  /** @param share 1, or less where it is no sign that the next start will fail */
  #startFailed(worker: Worker, share: number): void {
    this.#failed.add(worker);
    const nowMs = this.#options.clock.now();
    this.#failingSinceMs ??= nowMs;
    this.#failedStarts += Math.max(0, share - this.#failedInRound);
    this.#failedInRound = Math.max(share, this.#failedInRound);
    if (nowMs - this.#failingSinceMs >= longestFailingMs)
      this.#failedStarts = Math.max(this.#failedStarts, failedStartsToBreak);
    if (this.#failedStarts >= failedStartsToBreak) this.#options.events.broken(this.#lastError);
  }

  #forgetFailures(): void {
    this.#failedStarts = 0;
    this.#failedInRound = 0;
    this.#failingSinceMs = undefined;
  }

  /** Starts the missing workers that piscina does not start by itself. */
  #heal(): void {
    if (this.#closed) return;
    this.#watch();
    if (this.size >= this.#target || this.#pausing) return;
    if (this.#failedStarts === 0) return this.#startMissing();
    // A start that was ended from outside is repeated at once; one that fails by itself, where a worker is wanted.
    this.#stalled = this.#failedStarts >= 1 && !this.#options.events.wanted();
    if (this.#stalled) return;
    this.#pausing = true;
    const doublings = Math.max(0, Math.floor(this.#failedStarts) - 1);
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** doublings);
    const { signal } = this.#closing;
    void this.#options.timers.sleep(pauseMs, { keepAlive: true, signal }).then(
      () => {
        this.#pausing = false;
        this.#startMissing();
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  #startMissing(): void {
    this.#failedInRound = 0;
    while (this.size < this.#target) {
      const before = this.size;
      this.#startOne();
      if (this.size === before) return;
    }
    this.#watch();
  }

  /** A call that gets no worker makes piscina start one; aborting the call leaves only the new worker. */
  #startOne(): void {
    const controller = new AbortController();
    this.#piscina.run(undefined, { signal: controller.signal }).catch(() => {});
    controller.abort();
  }
}

/** Slots of shared memory a pool of at most `maxThreads` workers can need: two for each share. */
export function slotCountFor(maxThreads: number): number {
  return 4 * maxThreads;
}

/**
 * A piscina pool behind Executor and Knob, whoever built it. By default no call waits here: each goes to
 * `pool.run` before `run()` returns, with the caller's own options.
 *
 *   run() ──▶ queue (a gate where `concurrency` is given) ──▶ pool.run ──▶ worker ──▶ settle
 *                                                        └─ transfer list read: dispatched
 *
 * piscina does not say when it hands a call to a worker. Its queue is not first in, first out (a head
 * that finds no free worker goes to the tail), so the moment cannot be inferred from the order of
 * answers. But `postMessage` reads the call's transfer list at exactly that moment, so piscina is given a
 * proxy of the list that notes when it is iterated.
 */
import { availableParallelism } from 'node:os';
import type { CallOptions } from '../../contracts.ts';
import { isId } from '../../executor/domain.ts';
import type { KnobParts } from '../../executor/knob.ts';
import type { MeasuredExecutor } from '../../executor/measured-executor.ts';
import { reserveName } from '../../executor/names.ts';
import { type CallCarrier, type QueuedCall, QueuedExecutor, type QueueOf } from '../../executor/queued-executor.ts';
import { standsOn } from '../../executor/resource.ts';
import { isAborted } from '../../foundation/call-options.ts';
import { checkInteger } from '../../foundation/options.ts';
import type { CallBooks, Series } from '../../measure/call.ts';
import type { Recorder } from '../../measure/recorder.ts';
import { gateKnobs, type ResolvedWrapOptions, resolveWrapOptions, type WrapOptions } from '../wrap-options.ts';
import { configuredOf } from './configured.ts';
import { idleTimeoutKnobs } from './idle-timeout.ts';
import { OwnSignal } from './own-signal.ts';
import { isRefused, outcomeOf, type PiscinaPool, type PiscinaRunOptions, type PiscinaWorker } from './piscina-shape.ts';

export interface WrapPoolOptions extends WrapOptions {
  /**
   * Most threads the tuner may try: integer ≥ 1.
   * @defaultValue 4 × CPUs, at least what the pool has: a worker of a pool may wait, which a guest cannot
   */
  readonly maxThreads?: number;
}

/** CallOptions, and piscina's `transferList`, `filename` and `name`. */
export interface PoolCallOptions extends CallOptions, Omit<PiscinaRunOptions, 'signal'> {}

export type WrappedPool<I, O> = MeasuredExecutor<I, O, PoolCallOptions>;

type PoolCall<I, O> = QueuedCall<I, O, PoolCallOptions>;
type PoolQueue<I, O> = QueueOf<I, O, PoolCallOptions>;

/**
 * The threads of a pool. Decides how many of them calls go to: by the load balancer of a pool of ours, by
 * holding the others of a user's.
 */
export interface PoolThreads {
  readonly knobs: readonly KnobParts[];
  /** Knobs that cannot be offered for this pool, each with the reason. */
  readonly withheld: Readonly<Record<string, string>>;
  /** Threads that calls go to, ≥ 1; the pool may have more, which a trial has reserved. O(1), no allocation. */
  inUse(): number;
  /** Called when a call was settled: ends threads that are no longer needed. */
  tidy(): void;
  /** Called when the pool was closed. */
  closed(): void;
}

export interface ResolvedPoolOptions extends ResolvedWrapOptions {
  readonly maxThreads: number;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolvePoolOptions(pool: Pick<PiscinaPool, 'options'>, options: WrapPoolOptions): ResolvedPoolOptions {
  const threads = configuredOf(pool).maxThreads;
  const common = resolveWrapOptions('wrap(pool)', options, nameOfPool(pool.options.filename), ['maxThreads']);
  const most = options.maxThreads ?? Math.max(4 * availableParallelism(), threads);
  return { ...common, maxThreads: checkInteger('maxThreads', most, { min: threads }) };
}

/** @param threadsOf makes the threads; to be called when `inUse()` has changed is what it is given */
export function poolExecutor<I, O>(
  pool: PiscinaPool<I, O>,
  options: ResolvedPoolOptions,
  threadsOf: (changed: () => void) => PoolThreads,
): WrappedPool<I, O> {
  const made: { threads?: PoolThreads; carrier?: PoolCarrier<I, O> } = {};
  using reserved = reserveName(options);
  const executor = new QueuedExecutor<I, O, PoolCallOptions>({
    ...options,
    name: reserved.name,
    queue: {
      ...(options.concurrency && { limit: options.concurrency.value }),
      // Calls that wait at our gate would otherwise wait in the pool's queue, so the user's limit of that queue holds.
      get maxWaiting() {
        return pool.options.maxQueue;
      },
    },
    seesSignals: true,
    parts: (queue) => {
      const threads = threadsOf(() => made.carrier?.occupy(0));
      made.threads = threads;
      return {
        gauges: { workers: () => threads.inUse(), guestBytes: () => 0 },
        knobs: [...threads.knobs, ...idleTimeoutKnobs(pool), ...gateKnobs(queue, options)],
        withheld: threads.withheld,
      };
    },
    carrier: (queue, recorder) => {
      made.carrier = new PoolCarrier(pool, made.threads as PoolThreads, queue, recorder);
      return made.carrier;
    },
  });
  reserved.heldBy(executor);
  standsOn(executor, pool);
  return executor;
}

class PoolCarrier<I, O> implements CallCarrier<I, O, PoolCallOptions> {
  readonly #pool: PiscinaPool<I, O>;
  readonly #threads: PoolThreads;
  readonly #queue: PoolQueue<I, O>;
  readonly #recorder: Recorder;
  readonly #books: CallBooks;
  readonly #series: Series;
  readonly #workerCreated: (worker: PiscinaWorker) => void;
  #inWorkers = 0;

  constructor(pool: PiscinaPool<I, O>, threads: PoolThreads, queue: PoolQueue<I, O>, recorder: Recorder) {
    this.#pool = pool;
    this.#threads = threads;
    this.#queue = queue;
    this.#recorder = recorder;
    this.#books = recorder.books;
    this.#series = recorder.series(pool.options.name);
    // Workers that were there when the pool was wrapped. Their 'workerCreate' may still come and is not
    // counted as a start.
    const present = new Set(pool.threads.map((thread) => thread.threadId));
    this.#workerCreated = ({ id }) => {
      if (!present.delete(id)) recorder.workerStarted();
    };
    pool.on('workerCreate', this.#workerCreated);
  }

  seriesOf(options: PoolCallOptions | undefined): Series {
    try {
      return options?.name ? this.#recorder.series(options.name) : this.#series;
    } catch {
      // Options that cannot be read are refused when the call is made of them.
      return this.#series;
    }
  }

  send([call]: PoolCall<I, O>[]): void {
    void this.#run(call as PoolCall<I, O>);
  }

  refuses(options: PoolCallOptions | null): boolean {
    return isRefused(options);
  }

  refuse(call: PoolCall<I, O>, options: PoolCallOptions | undefined): void {
    void this.#refuse(call, options);
  }

  /**
   * Books as many workers as busy as calls are in workers, at most those in use.
   * @param change calls that came to be in workers
   */
  occupy(change: number): void {
    this.#inWorkers += change;
    this.#books.busy(Math.min(this.#inWorkers, this.#pool.threads.length, this.#threads.inUse()));
  }

  async closed(): Promise<void> {
    // Only now, since piscina's own close() drops running calls (all but one of them).
    this.#pool.off('workerCreate', this.#workerCreated);
    await this.#pool.close();
    this.#threads.closed();
  }

  async #run(call: PoolCall<I, O>): Promise<void> {
    call.dispatched();
    let isInWorker = false;
    const stamp = () => {
      call.dispatched();
      isInWorker = true;
      this.occupy(1);
    };
    let own: OwnSignal | undefined;
    try {
      own = call.signal && new OwnSignal(call.signal);
      call.ok(await this.#pool.run(call.input, runOptions(call.options, own?.signal, stamp)));
    } catch (error) {
      this.#failed(call, error);
    } finally {
      own?.end();
      if (isInWorker) this.occupy(-1);
      this.#threads.tidy();
      this.#queue.returned();
    }
  }

  #failed(call: PoolCall<I, O>, error: unknown): void {
    const outcome = outcomeOf(error, isAborted(call.signal));
    if (outcome === 'lost' && call.idempotent && !call.retried) {
      call.retried = true;
      this.#queue.again(call);
    } else {
      call.failed(outcome, error);
    }
  }

  /** piscina refuses the call before it counts it, hands it on, or looks whether a worker is free. */
  async #refuse(call: PoolCall<I, O>, options: PoolCallOptions | undefined): Promise<void> {
    try {
      call.ok(await this.#pool.run(call.input, options as PiscinaRunOptions));
    } catch (error) {
      call.failed(outcomeOf(error, true) === 'cancelled' ? 'cancelled' : 'rejected', error);
    }
  }
}

function runOptions(
  call: PoolCallOptions | undefined,
  signal: AbortSignal | undefined,
  stamp: () => void,
): PiscinaRunOptions {
  const transferList = stampedList((call?.transferList as object[] | undefined) ?? [], stamp);
  if (!call) return { transferList };
  const { filename, name } = call;
  return {
    transferList,
    ...(signal && { signal }),
    ...(filename !== undefined && { filename }),
    ...(name !== undefined && { name }),
  };
}

/** An array for piscina's `transferList` that calls `sent` when piscina hands its call to a worker. */
function stampedList(list: readonly object[], sent: () => void): object[] {
  return new Proxy(list as object[], new Stamp(sent));
}

class Stamp implements ProxyHandler<object[]> {
  readonly #sent: () => void;

  constructor(sent: () => void) {
    this.#sent = sent;
  }

  get(list: object[], key: string | symbol): unknown {
    if (key === Symbol.iterator) this.#sent();
    // piscina adds a value wrapped in Piscina.move() by concat().
    if (key === 'concat') return (...more: object[]) => stampedList(list.concat(...more), this.#sent);
    return Reflect.get(list, key);
  }
}

/** 'resize' of '/app/resize.js'. */
function nameOfPool(filename: string | null): string {
  const file = filename
    ?.replace(/[?#].*$/, '')
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/\.[cm]?[jt]s$/, '');
  return isId(file) ? file : 'piscina';
}

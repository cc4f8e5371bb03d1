/**
 * A piscina pool behind Executor and Knob, whoever built it. By default nothing is held back: each
 * call goes to `pool.run` before `run()` returns, with the caller's own options.
 *
 *   run() ──▶ DispatchQueue (shut only by a lowered knob) ──▶ pool.run ──▶ worker ──▶ settle
 *                                                                └─ transfer list read: dispatched
 */
import type { CallOptions, Knob } from '../contracts.ts';
import { DispatchQueue } from '../executor/dispatch-queue.ts';
import { Recorder } from '../measure/recorder.ts';
import { BusyTime } from './busy-time.ts';
import { stampedList } from './dispatch-stamp.ts';
import type { KnobOwner } from './number-knob.ts';
import { settingsOf } from './number-knob.ts';
import type { OfferedCall } from './offered-call.ts';
import { outcomeOf, type PiscinaPool, type PiscinaRunOptions, type PiscinaWorker } from './piscina-shape.ts';
import type { ResolvedWrapOptions } from './wrap-options.ts';
import { queueFullError, type Wrapped, WrappedExecutor } from './wrapped.ts';

/** CallOptions, and piscina's `transferList`, `filename` and `name`. */
export interface PoolCallOptions extends CallOptions, Omit<PiscinaRunOptions, 'signal'> {}

export type WrappedPool<I, O> = Wrapped<I, O, PoolCallOptions>;

/** What the knobs of a pool may touch. */
export interface PoolControls extends KnobOwner {
  readonly gate: { limit: number };
  /** A call was settled or a worker came up: a moment to tidy. */
  onIdleMoment(look: () => void): void;
}

export interface PoolKnobs {
  readonly knobs: readonly Knob[];
  /** Threads that calls go to, ≥ 1; the pool may have more, which a trial holds. O(1), no allocation. */
  readonly threadsInUse: () => number;
}

export interface PoolParts<I, O> {
  readonly pool: PiscinaPool<I, O>;
  readonly options: ResolvedWrapOptions;
  readonly makeKnobs: (controls: PoolControls) => PoolKnobs;
}

interface PoolCall<I, O> extends OfferedCall<I, O> {
  poolOptions?: PoolCallOptions | undefined;
  retry?: boolean;
}

export function adaptPool<I, O>(parts: PoolParts<I, O>): WrappedPool<I, O> {
  return new PoolAdapter<I, O>(parts).executor;
}

/** 'resize' of '/app/resize.js'. */
export function nameOfPool(filename: string | null): string {
  const file = filename
    ?.split(/[\\/]/)
    .at(-1)
    ?.replace(/\.[cm]?[jt]s$/, '');
  return file || 'piscina';
}

class PoolAdapter<I, O> {
  readonly executor: WrappedExecutor<I, O, PoolCallOptions>;
  readonly #pool: PiscinaPool<I, O>;
  readonly #options: ResolvedWrapOptions;
  readonly #recorder: Recorder;
  readonly #queue: DispatchQueue<PoolCall<I, O>>;
  readonly #busy: BusyTime;
  readonly #knobs: readonly Knob[];
  readonly #threadsInUse: () => number;
  readonly #looks: (() => void)[] = [];
  /** Workers that were there when the pool was wrapped: their 'workerCreate' is not a start we saw. */
  readonly #present: Set<number>;
  readonly #workerCreated: (worker: PiscinaWorker) => void;
  #inWorkers = 0;
  #closing = false;

  constructor({ pool, options, makeKnobs }: PoolParts<I, O>) {
    const { name, load, spans, surroundings } = options;
    const { clock, timers } = surroundings;
    this.#pool = pool;
    this.#options = options;
    this.#busy = new BusyTime(clock);
    this.#queue = new DispatchQueue<PoolCall<I, O>>({
      // What waits at our gate would otherwise wait in the pool's queue: the user's limit holds.
      get maxWaiting() {
        return pool.options.maxQueue;
      },
      clock,
      timers,
      carrier: {
        free: () => pool,
        freeCount: () => Number.POSITIVE_INFINITY,
        send: (_pool, [call]) => void this.#dispatch(call as PoolCall<I, O>).then(() => this.#queue.returned()),
      },
    });
    const { knobs, threadsInUse } = makeKnobs({
      gate: this.#queue,
      isClosed: () => this.#closing,
      changed: () => {
        this.#recorder.changed(settingsOf(this.#knobs));
        // As many as are in use now can be busy, also before the next call says so.
        this.#occupy(0);
      },
      onIdleMoment: (look) => this.#looks.push(look),
    });
    this.#knobs = knobs;
    this.#threadsInUse = threadsInUse;
    const gauges = {
      workers: threadsInUse,
      guestBytes: () => 0,
      busyMs: () => this.#busy.read(),
    };
    this.#recorder = new Recorder({ surroundings, gauges, settings: settingsOf(this.#knobs), name, spans });
    this.#present = new Set(pool.threads.map((thread) => thread.threadId));
    this.#workerCreated = ({ id }) => {
      if (!this.#present.delete(id)) this.#recorder.workerStarted();
    };
    pool.on('workerCreate', this.#workerCreated);
    this.executor = new WrappedExecutor<I, O, PoolCallOptions>({
      name,
      load,
      knobs: this.#knobs,
      recorder: this.#recorder,
      functionOf: (call) => call?.name ?? pool.options.name,
      admit: (call, callOptions) => this.#admit(call, callOptions),
      drain: () => this.#drain(),
    });
  }

  #admit(call: PoolCall<I, O>, callOptions: PoolCallOptions | undefined): void {
    call.poolOptions = callOptions;
    call.retry = callOptions?.idempotent === true;
    call.follow(this);
    if (!this.#queue.offer(call)) call.failed('shed', queueFullError(this.#options.name, this.#pool.options.maxQueue));
  }

  /** In the pool, piscina itself sees to the signal. */
  aborted(call: PoolCall<I, O>): void {
    if (this.#queue.remove(call)) call.cancelled();
  }

  async #dispatch(call: PoolCall<I, O>): Promise<void> {
    call.dispatched();
    let inWorker = false;
    const dispatched = () => {
      call.dispatched();
      inWorker = true;
      this.#occupy(1);
    };
    try {
      call.ok(await this.#pool.run(call.input, this.#runOptions(call.poolOptions, dispatched)));
    } catch (error) {
      this.#failed(call, error);
    } finally {
      if (inWorker) this.#occupy(-1);
      for (const look of this.#looks) look();
    }
  }

  #failed(call: PoolCall<I, O>, error: unknown): void {
    const outcome = outcomeOf(error, call.signal?.aborted === true);
    if (outcome === 'lost' && call.retry && !this.#closing) {
      call.retry = false;
      this.#queue.again(call);
      return;
    }
    call.failed(outcome, outcome === 'cancelled' ? call.signal?.reason : error);
  }

  #runOptions(call: PoolCallOptions | undefined, dispatched: () => void): PiscinaRunOptions {
    const transferList = stampedList((call?.transferList as object[] | undefined) ?? [], dispatched);
    if (!call) return { transferList };
    const { signal, filename, name } = call;
    return {
      transferList,
      ...(signal && { signal }),
      ...(filename !== undefined && { filename }),
      ...(name !== undefined && { name }),
    };
  }

  #occupy(change: number): void {
    this.#inWorkers += change;
    this.#busy.set(Math.min(this.#inWorkers, this.#pool.threads.length, this.#threadsInUse()));
  }

  async #drain(): Promise<void> {
    this.#closing = true;
    // piscina's close() drops running calls (all but one of them): there must be none.
    await Promise.all([this.#recorder.quiet(), this.#queue.idle()]);
    this.#pool.off('workerCreate', this.#workerCreated);
    await this.#pool.close();
  }
}

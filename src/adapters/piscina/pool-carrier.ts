/**
 * The calls of a piscina pool. By default no call waits here: each goes to `pool.run` before `run()` returns,
 * with the caller's own options.
 *
 *   run() ──▶ queue (a gate where `concurrency` is given) ──▶ pool.run ──▶ worker ──▶ settle
 *                                                        └─ transfer list read: dispatched
 *
 * piscina does not say when it hands a call to a worker. Its queue is not first in, first out (a head
 * that finds no free worker goes to the tail), so the moment cannot be inferred from the order of
 * answers. But `postMessage` reads the call's transfer list at exactly that moment, so piscina is given a
 * proxy of the list that notes when it is iterated.
 */
import type { CallCarrier, QueuedCall, QueueOf } from '../../executor/queued-executor.ts';
import { isAborted, reasonOf } from '../../foundation/call-options.ts';
import { afterTurn, asMicrotask } from '../../foundation/turns.ts';
import type { CallBooks, Series } from '../../measure/call.ts';
import type { Recorder } from '../../measure/recorder.ts';
import { CallSeries } from './call-series.ts';
import { CallStop } from './call-stop.ts';
import { endQuietly } from './late-answers.ts';
import { isRefused, type PiscinaPool, type PiscinaRunOptions, tellsOfWorkers } from './piscina-shape.ts';
import { ownCallOptions, type PoolCallOptions } from './pool-call-options.ts';
import type { PoolThreads } from './pool-threads.ts';
import { refuseCall } from './refused-call.ts';
import { outcomeOf } from './rejected-call.ts';
import { WorkerEnds } from './worker-ends.ts';

type PoolCall<I, O> = QueuedCall<I, O, PoolCallOptions>;
type PoolQueue<I, O> = QueueOf<I, O, PoolCallOptions>;

/** Calls that wait at our gate would otherwise wait in the pool's queue, so the user's limit of that queue holds. */
export function queueBefore({ options }: Pick<PiscinaPool, 'options'>, limit: number | undefined) {
  return {
    ...(limit !== undefined && { limit }),
    get maxWaiting() {
      return options.maxQueue;
    },
  };
}

export class PoolCarrier<I, O> implements CallCarrier<I, O, PoolCallOptions> {
  readonly #pool: PiscinaPool<I, O>;
  readonly #threads: PoolThreads;
  readonly #queue: PoolQueue<I, O>;
  readonly #books: CallBooks;
  readonly #series: CallSeries;
  readonly #ends: WorkerEnds;
  readonly #watchNoLonger: () => void;
  readonly aftermath = 'its worker was ended';
  readonly callOptions = { names: ownCallOptions, areAll: false };
  /** piscina 4 gives its worker no other call when one cannot be sent. */
  readonly #drops: boolean;
  #inWorkers = 0;
  #waiting = 0;

  constructor(pool: PiscinaPool<I, O>, threads: PoolThreads, queue: PoolQueue<I, O>, recorder: Recorder) {
    this.#pool = pool;
    this.#drops = tellsOfWorkers(pool);
    this.#threads = threads;
    this.#queue = queue;
    this.#books = recorder.books;
    this.#series = new CallSeries(pool, recorder);
    this.#ends = WorkerEnds.of(pool as PiscinaPool);
    this.#watchNoLonger = this.#ends.onStart(() => recorder.workerStarted());
  }

  seriesOf(options: PoolCallOptions | undefined): Series {
    return options ? this.#series.of(options) : this.#series.usual;
  }

  send([call]: PoolCall<I, O>[]): void {
    void this.#run(call as PoolCall<I, O>);
  }

  refuses(options: PoolCallOptions | null): boolean {
    return isRefused(options);
  }

  refuse(call: PoolCall<I, O>, options: PoolCallOptions | undefined): void {
    void refuseCall(this.#pool, call, options);
  }

  /**
   * Books as many workers as busy as calls are in workers, at most those in use.
   * @param change calls that came to be in workers
   */
  occupy(change: number): void {
    this.#inWorkers += change;
    this.#books.busy(Math.min(this.#inWorkers, this.#pool.threads.length, this.#threads.inUse()));
  }

  /** Calls that wait in the pool's own queue. */
  get waiting(): number {
    return this.#waiting;
  }

  get width(): number {
    return this.#threads.inUse() * this.#callsPerThread;
  }

  get #callsPerThread(): number {
    return this.#threads.callsPerThread?.() ?? this.#pool.options.concurrentTasksPerWorker;
  }

  /**
   * The pool sheds what finds no thread and no place in its queue. There, calls that are not ours have places too,
   * and calls that were taken back, until it would be their turn.
   */
  get isFull(): boolean {
    const waiting = Math.max(this.#waiting, this.#pool.queueSize);
    return waiting >= this.#pool.options.maxQueue && this.#inWorkers >= this.width;
  }

  /**
   * The pool drops a call it can be asked to abort. It cannot be asked so of others: such a call stays in
   * its queue, and is not sent once its turn comes.
   */
  takeBack(call: PoolCall<I, O>): boolean {
    if (!this.#waitsNoMore(call)) return false;
    this.#abort(call, undefined);
    return true;
  }

  #waitsNoMore(call: PoolCall<I, O>): boolean {
    if (!call.isWaiting) return false;
    call.isWaiting = false;
    this.#waiting--;
    return true;
  }

  /**
   * Of a call that runs, the pool ends the worker. Where its caller has heard already, the answer may have come and
   * not have been read: it is read before, and then no worker is ended for nothing.
   */
  abandoned(call: PoolCall<I, O>, reason: unknown): void {
    if (call.settled) afterTurn(() => this.#abort(call, reason));
    else this.#abort(call, reason);
  }

  /**
   * piscina 4 goes on listening for the abort of a call that it has refused, and an abort then ends the process
   * with errors that nobody can catch. The refusal is heard of in a microtask that is queued already.
   */
  #abort(call: PoolCall<I, O>, reason: unknown): void {
    if (this.#drops) this.#abortNow(call, reason);
    else asMicrotask(() => this.#abortNow(call, reason));
  }

  #abortNow({ stop }: PoolCall<I, O>, reason: unknown): void {
    if (stop !== null) endQuietly(this.#pool, () => stop.abort(reason));
  }

  async release(atOnce: boolean): Promise<void> {
    // Only now, since piscina's own close() drops running calls (all but one of them).
    await (atOnce && this.#pool.destroy ? this.#pool.destroy() : this.#pool.close());
    this.#threads.closed();
    this.#watchNoLonger();
  }

  async #run(call: PoolCall<I, O>): Promise<void> {
    call.dispatched();
    call.isWaiting = true;
    this.#waiting++;
    /** Workers that had ended when it was handed to one; NaN while it waits in the pool. */
    let endsBefore = Number.NaN;
    let witness = null as ArrayBuffer | null;
    /** undefined where it waited in the pool, and nobody saw whether it could be sent. */
    let hasLeft: boolean | undefined;
    const stamp = (moved: ArrayBuffer | null) => {
      // piscina fails a call that cannot be sent, and its worker gets the next one.
      if (call.settled && this.#drops) throw takenBack;
      call.begins();
      endsBefore = this.#ends.count;
      witness = moved;
      this.#waitsNoMore(call);
      this.occupy(1);
      this.#queue.begun();
    };
    try {
      const options = runOptions(call.options, this.#stopOf(call)?.signal, stamp);
      const { within } = call;
      const { completed } = this.#pool;
      const work = within ? within(() => this.#pool.run(call.input, options)) : this.#pool.run(call.input, options);
      // Of a call that a worker was given at once, the pool counts the end before run() returns where it cannot be sent.
      if (!Number.isNaN(endsBefore) && completed !== undefined) hasLeft = this.#pool.completed === completed;
      const value = await work;
      this.#isBack(call);
      call.ok(value);
    } catch (error) {
      this.#isBack(call);
      this.#failed(call, endsBefore, witness, witness?.detached ?? hasLeft, error);
    } finally {
      if (!Number.isNaN(endsBefore)) this.occupy(-1);
      this.#threads.tidy();
      this.#queue.returned(null);
    }
  }

  /** The pool has nothing of the call any more. To be called before the call may be repeated. */
  #isBack(call: PoolCall<I, O>): void {
    call.stop = null;
    this.#queue.left(call);
    this.#waitsNoMore(call);
  }

  /**
   * What aborts the call in the pool, where something may: its caller, a deadline, a longest wait; also
   * clear(), where a call that was taken back cannot be dropped otherwise. It is the call's own, because
   * piscina adds a listener for each call, and a signal takes the longer for each the more it has. Another
   * call has none where workers take several, because piscina gives one that has a worker to itself.
   */
  #stopOf(call: PoolCall<I, O>): PoolCall<I, O>['stop'] {
    const isAbortable =
      call.signal || call.limits || (!this.#drops && this.#pool.options.concurrentTasksPerWorker === 1);
    call.stop = isAbortable ? new CallStop() : null;
    if (isAborted(call.signal)) call.stop?.abort(reasonOf(call.signal));
    return call.stop;
  }

  #failed(
    call: PoolCall<I, O>,
    endsBefore: number,
    witness: ArrayBuffer | null,
    hasLeft: boolean | undefined,
    error: unknown,
  ): void {
    const wasSent = !Number.isNaN(endsBefore);
    const outcome = outcomeOf(error, {
      name: call.series.name,
      input: call.input,
      isAborted: isAborted(call.signal),
      wasSent,
      hasLeft,
      wasTakenAlong: wasSent && this.#ends.tookAlong(endsBefore),
      hadWorkerToItself: this.#callsPerThread === 1,
    });
    // What was moved to a worker that has ended is nowhere any more.
    if (outcome === 'lost' && call.idempotent && !call.retried && !witness?.detached) {
      call.retried = true;
      this.#queue.again(call);
    } else {
      call.failed(outcome, error);
    }
  }
}

const takenBack = new Error('the call was taken back');

function runOptions(
  call: PoolCallOptions | undefined,
  signal: AbortSignal | undefined,
  stamp: (witness: ArrayBuffer | null) => void,
): PiscinaRunOptions {
  const transferList = stampedList((call?.transferList as object[] | undefined) ?? [], stamp);
  if (!call) return signal ? { transferList, signal } : { transferList };
  const { filename, name } = call;
  return {
    transferList,
    ...(signal && { signal }),
    ...(filename !== undefined && { filename }),
    ...(name !== undefined && { name }),
  };
}

/**
 * An array for piscina's `transferList` that tells when piscina hands its call to a worker. postMessage reads it,
 * clones the input, and then takes what the list names: where that fails nothing is taken. So a list that names
 * something gets one more buffer, of no bytes, and where that is here still the call did not leave. A buffer for
 * each call would cost more than it tells.
 * @param sent called with that buffer; with null where the call moves nothing
 */
function stampedList(list: readonly object[], sent: (witness: ArrayBuffer | null) => void): object[] {
  return new Proxy(list as object[], new Stamp(sent));
}

class Stamp implements ProxyHandler<object[]> {
  readonly #sent: (witness: ArrayBuffer | null) => void;

  constructor(sent: (witness: ArrayBuffer | null) => void) {
    this.#sent = sent;
  }

  get(list: object[], key: string | symbol): unknown {
    if (key === Symbol.iterator) return this.#read(list);
    // piscina adds a value wrapped in Piscina.move() by concat().
    if (key === 'concat') return (...more: object[]) => stampedList(list.concat(...more), this.#sent);
    return Reflect.get(list, key);
  }

  #read(list: object[]): unknown {
    if (list.length === 0) {
      this.#sent(null);
      return Reflect.get(list, Symbol.iterator);
    }
    const witness = new ArrayBuffer(0);
    this.#sent(witness);
    const all = [...list, witness];
    return () => all[Symbol.iterator]();
  }
}

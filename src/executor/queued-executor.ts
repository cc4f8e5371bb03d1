/**
 * An executor whose calls pass through a dispatch queue on their way to the carrier that runs them.
 *
 *   run() ──▶ QueuedCall (the token) ──▶ DispatchQueue (gate, batch, linger) ──▶ carrier.send
 *                                              ▲                                      │
 *                                              └── queue.returned() ── settle each ◀──┘
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallOptions } from '../contracts.ts';
import { bytesOf } from '../foundation/bytes.ts';
import type { OtherOptions } from '../foundation/call-options.ts';
import type { Linked } from '../foundation/ring.ts';
import { Call, type CallBooks, type Series } from '../measure/call.ts';
import { type Recorder, recorderOf } from '../measure/recorder.ts';
import type { Carrier } from './carrier.ts';
import { DispatchQueue } from './dispatch-queue.ts';
import { MeasuredExecutor, type MeasuredExecutorOptions } from './measured-executor.ts';
import type { ResolvedTenants } from './tenants.ts';

/** A call with its input, its options and its place in the queue. */
export class QueuedCall<I, O, C extends CallOptions = CallOptions> extends Call<O> implements Linked {
  readonly input: I;
  readonly options: C | undefined;
  /** True once it has been queued for the second time. */
  retried = false;
  /** True while it waits with its carrier, in a queue that is not ours. */
  isWaiting = false;
  /** The calls of its batch; null where it goes out alone. */
  together: readonly QueuedCall<I, O, C>[] | null = null;
  /** True once the place of its dispatch is free again; kept on the first call of a batch. */
  isFreed = false;
  /** Fires when the call has ended for its caller; null where nobody would hear it. */
  stop: Pick<AbortController, 'abort' | 'signal'> | null = null;
  /** Runs work in the async context of the caller; null where the call did not have to wait for the gate. */
  within: (<T>(work: () => T) => T) | null = null;
  before: Linked | null = null;
  after: Linked | null = null;

  constructor(
    books: CallBooks,
    series: Series,
    input: I,
    options: C | undefined,
    what: string,
    others: OtherOptions | null = null,
  ) {
    super(books, series, options, what, others);
    this.input = input;
    this.options = options;
  }

  /** Tells its work that the call has ended for its caller; undefined where nothing will. */
  get workSignal(): AbortSignal | undefined {
    return this.stop?.signal ?? this.signal;
  }

  /** Its work begins now; where this is called again, it has begun only now. */
  begins(): void {
    this.dispatched();
    this.limits?.begins();
  }
}

/** Runs the calls that leave the queue; how many at once is the queue's affair alone. */
export interface CallCarrier<I, O, C extends CallOptions = CallOptions>
  extends Omit<
    Carrier<QueuedCall<I, O, C>, unknown>,
    'free' | 'freeCount' | 'send' | 'seesSignals' | 'refuse' | 'bytesOf'
  > {
  /** Options of a call that what runs it has beside ours; absent where it has none. */
  readonly callOptions?: OtherOptions;
  /** The series that a call with these options is counted under. */
  seriesOf(options: C | undefined): Series;
  /**
   * Runs the calls of one dispatch, settles each, and calls `queue.returned()` when the dispatch is
   * back. Never throws.
   */
  send(calls: QueuedCall<I, O, C>[]): void;
  /**
   * True for a call that is sure to be refused by what runs it: its options are wrong, or its signal has
   * fired. Together with `refuse`; where they are absent, such calls end with errors of ours.
   */
  refuses?(options: C | null): boolean;
  /** Ends a call with what refuses it says, whatever waits before it. */
  refuse?(call: QueuedCall<I, O, C>, options: C | undefined): void;
  /**
   * Called when the executor was closed and its last call has ended. May be called a second time, with
   * true, while the first has not ended.
   * @param atOnce true when work of calls that were cut off may still run
   */
  release?(atOnce: boolean): Promise<unknown>;
}

export type QueueOf<I, O, C extends CallOptions> = DispatchQueue<QueuedCall<I, O, C>, true>;

export interface QueuedExecutorOptions<I, O, C extends CallOptions>
  extends Omit<MeasuredExecutorOptions, 'gauges' | 'knobs' | 'withheld' | 'backlog'> {
  /** @defaultValue no limits */
  readonly tenants?: ResolvedTenants;
  readonly queue: {
    readonly limit?: number;
    readonly size?: number;
    readonly lingerMs?: number;
    /** Calls that may wait beyond what the gate lets through; read at each call. */
    readonly maxWaiting: number;
  };
  /**
   * True when the work of a call handles its signal itself. When false, an abort ends the call for its
   * caller, and its work goes on.
   */
  readonly seesSignals: boolean;
  /** Called with a call that has to wait. */
  readonly waits?: (call: QueuedCall<I, O, C>) => void;
  /** Makes the gauges and the knobs. Called first, because the recorder is made from them. */
  readonly parts: (queue: QueueOf<I, O, C>) => Pick<MeasuredExecutorOptions, 'gauges' | 'knobs' | 'withheld'>;
  /** Makes the carrier of the calls. Called when there is a recorder. */
  readonly carrier: (queue: QueueOf<I, O, C>, recorder: Recorder) => CallCarrier<I, O, C>;
}

export class QueuedExecutor<I, O, C extends CallOptions = CallOptions> extends MeasuredExecutor<I, O, C> {
  readonly #queue: QueueOf<I, O, C>;
  readonly #recorder: Recorder;
  readonly #carrier: CallCarrier<I, O, C>;
  readonly #waits: ((call: QueuedCall<I, O, C>) => void) | null;

  constructor({
    queue: queueOptions,
    tenants,
    seesSignals,
    waits,
    parts,
    carrier,
    ...options
  }: QueuedExecutorOptions<I, O, C>) {
    const carrierOf = () => this.#carrier;
    const queue: QueueOf<I, O, C> = new DispatchQueue({
      ...queueOptions,
      name: options.name,
      ...(tenants && { tenants }),
      get maxWaiting() {
        return queueOptions.maxWaiting;
      },
      ...options.surroundings,
      carrier: {
        free: () => true,
        freeCount: () => Number.POSITIVE_INFINITY,
        send: (_unit, calls) => this.#carrier.send(calls),
        bytesOf: ({ input }) => bytesOf(input),
        takeBack: (call) => this.#carrier.takeBack?.(call) === true,
        abandoned: (call, reason) => this.#carrier.abandoned?.(call, reason),
        seesSignals,
        ...(seesSignals && { refuse: (call: QueuedCall<I, O, C>) => this.#refuse(call, call.options) }),
        get aftermath() {
          return carrierOf().aftermath;
        },
        get width() {
          return carrierOf().width;
        },
        get waiting() {
          return carrierOf().waiting;
        },
        get isFull() {
          return carrierOf().isFull;
        },
      },
    });
    super({ ...options, ...parts(queue), backlog: queue });
    this.#queue = queue;
    this.#recorder = recorderOf(this) as Recorder;
    this.#carrier = carrier(queue, this.#recorder);
    this.#waits = waits ?? null;
  }

  run(input: I, options?: C): Promise<O> {
    const queue = this.#queue;
    if (options !== undefined && this.#carrier.refuses?.(options)) return this.#refused(input, options);
    const call = new QueuedCall<I, O, C>(
      this.#recorder.books,
      this.#carrier.seriesOf(options),
      input,
      options,
      this.name,
      this.#carrier.callOptions,
    );
    if (queue.size === 1 && (queue.running >= queue.limit || call.standing !== null))
      call.within = AsyncLocalStorage.snapshot();
    queue.take(call);
    if (this.#waits !== null && call.after !== null) this.#waits(call);
    return call.promise;
  }

  #refused(input: I, options: C): Promise<O> {
    const { books } = this.#recorder;
    const series = this.#carrier.seriesOf(options);
    // Made without its options, which would have it end with an error of ours.
    const call = new QueuedCall<I, O, C>(books, series, input, undefined, this.name);
    if (!call.settled) this.#refuse(call, options);
    return call.promise;
  }

  #refuse(call: QueuedCall<I, O, C>, options: C | undefined): void {
    if (this.#carrier.refuse) this.#carrier.refuse(call, options);
    else call.cancelled();
  }

  /** Waits for all calls, and for the work that cancelled calls have left running. */
  protected async idle(): Promise<void> {
    this.#queue.flush();
    await Promise.all([this.#recorder.quiet(), this.#queue.idle()]);
  }

  protected async release(atOnce: boolean): Promise<void> {
    await this.#carrier.release?.(atOnce);
  }
}

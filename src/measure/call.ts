/**
 * One call, from offer to settlement, as a token. The executor tells the token what happens; the token
 * knows the order, reads the clock and keeps the books. It settles once: whatever comes after that (a
 * late answer, an abort, a dying worker) changes neither the books nor what the caller got.
 *
 *   recorder.offer(series, options)   the call is offered: counted as in flight, its promise is there
 *      call.dispatched()              it goes out alone; after a retry a second time, and the last counts
 *      new Dispatch(books, calls)       … or several calls go out together
 *      dispatch.returned()              they are back, now; to be called before each of them is settled
 *      call.ok(value, ran)            the call is settled with a value; `ran`: times on the worker's side
 *      call.failed(outcome, error, ran) … or with an error
 *
 * A call of an executor that was closed, one whose options cannot be used, and one whose signal has
 * fired are settled when they have been offered.
 * An executor that must keep something for each call extends the token, so that there is one object a
 * call; every field of it is set in its constructor.
 */
import type { CallOptions, Outcome } from '../contracts.ts';
import { ignoreAbort, listenToAbort } from '../foundation/abort.ts';
import { closedError, signalError } from '../foundation/call-errors.ts';
import { isAborted, type OtherOptions, readCallOptions, reasonOf } from '../foundation/call-options.ts';
import { askForStack, whereStackLasts } from '../foundation/stack-room.ts';
import type { Accumulator } from './accumulator.ts';
import { type CallLimits, limitsOf } from './call-limits.ts';
import { type CallStanding, standingOf } from './call-standing.ts';
import type { InFlightLinks } from './in-flight-calls.ts';
import type { FunctionSeries } from './series.ts';
import type { CallTrace } from './trace.ts';

/** Where calls are entered. */
export type CallBooks = Accumulator;

/** A host-listed function, resolved once; the 65th and later are counted under 'other'. */
export interface Series {
  readonly name: string;
}

/** Decides what happens when the signal of a call fires before the call is settled. */
export interface CallOwner<C = Call> {
  aborted(call: C): void;
}

/**
 * How one call ran on the worker's side. One object may be filled in anew for each call that is
 * settled. Moments are on the recorder's clock.
 */
export class Execution {
  /** When the worker took up the dispatch. */
  receivedMs = Number.NaN;
  /** When this call's turn came. */
  beganMs = Number.NaN;
  /** When its guest was done with it. */
  endedMs = Number.NaN;
  /** When the worker was done with the whole dispatch. */
  returnedMs = Number.NaN;
  /** How long its instance took to start cold, from `beganMs`; NaN where a kept instance served it. */
  coldStartMs = Number.NaN;
  /** LRU rank at which the cache had its instance: 0 most recent, −1 never seen; NaN where there is no cache. */
  rank = Number.NaN;
  /** Bytes of the result. */
  bytesOut = 0;
  /** When its answer was taken up, where one reading of the clock serves several calls; NaN: now. */
  answeredMs = Number.NaN;
}

const noExecution = Object.freeze(new Execution());

export class Call<O = unknown> implements InFlightLinks {
  readonly promise: Promise<O>;
  readonly series: Series;
  /** The epoch in which it was offered. A call that ends in a later epoch is left out of that epoch's distributions. */
  readonly epoch: number;
  readonly offeredMs: number;
  readonly signal: AbortSignal | undefined;
  readonly idempotent: boolean;
  /** What its caller bounds it by; null where that is nothing. */
  readonly limits: CallLimits | null;
  /** Whose it is and how urgent; null where nobody has asked. Its queue may give it one. */
  standing: CallStanding | null;
  older: InFlightLinks | null = null;
  newer: InFlightLinks | null = null;
  /** Where its caller said when it should have started; null elsewhere. */
  readonly #intendedMs: number | null;
  readonly #books: CallBooks;
  readonly #trace: CallTrace | null;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  #dispatchedMs = -1;
  /** Null where it goes out alone. */
  #dispatch: Dispatch | null = null;
  #owner: CallOwner<never> | null = null;
  #settled = false;

  /**
   * Offers the call.
   * @param what name of the function that is called, for the error of a call that is refused
   * @param others options that what runs the call has of its own; null: none
   * @throws {RangeError} where too little of the stack is left for all that follows, with nothing counted
   */
  constructor(
    books: CallBooks,
    series: Series,
    options: CallOptions | undefined,
    what = 'run()',
    others: OtherOptions | null = null,
  ) {
    askForStack();
    const isTimed = books.timed || options !== undefined;
    const nowMs = isTimed ? books.clock.now() : books.turnMs();
    // Most calls have none: what they would be read as is not looked up.
    const given = options === undefined ? null : readCallOptions(what, options, nowMs, others);
    let resolvePromise!: (value: unknown) => void;
    let rejectPromise!: (reason: unknown) => void;
    // V8 inlines this closure; a function outside the constructor would cost more than it saves.
    this.promise = new Promise<unknown>((resolve, reject) => {
      resolvePromise = resolve;
      rejectPromise = reject;
    }) as Promise<O>;
    this.series = series;
    this.epoch = books.epoch;
    this.offeredMs = nowMs;
    // One that comes early did not wait: latency is never less than what it took.
    this.#intendedMs = given?.intendedStartMs === undefined ? null : Math.min(given.intendedStartMs, nowMs);
    this.signal = given === null ? undefined : given.signal;
    this.idempotent = given === null ? false : given.idempotent;
    this.limits = given === null ? null : limitsOf(given);
    this.standing = given === null ? null : standingOf(given);
    this.#books = books;
    this.#resolve = resolvePromise;
    this.#reject = rejectPromise;
    books.counters.offered++;
    if (books.timed && books.settledCount !== books.settledAtOffer) books.roundBegan(nowMs);
    books.inFlight++;
    if (books.timed) books.ages.offered(nowMs);
    books.calls.offered(this);
    this.#trace = books.recording ? books.tracer.begin(series.name, books.epoch, nowMs) : null;
    if (books.closed) this.failed('rejected', closedError(what));
    else if (given === null) return;
    else if (given.wrong) this.failed('rejected', given.wrong);
    else if (isAborted(this.signal)) this.cancelled();
  }

  /** When it should have started: latency counts from here. */
  get intendedMs(): number {
    return this.#intendedMs ?? this.offeredMs;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** W3C traceparent of its span, to hand to a worker; undefined when no span is kept. */
  get traceparent(): string | undefined {
    return this.#trace?.traceparent;
  }

  /** The call goes out to be run. @param together the dispatch it is part of; absent where it goes out alone */
  dispatched(together: Dispatch | null = null): void {
    this.#dispatch = together;
    this.#dispatchedMs = together === null ? this.#books.clock.now() : together.atMs;
  }

  /** The call goes out alone, at a moment that its carrier has read already. */
  dispatchedAt(atMs: number): void {
    this.#dispatch = null;
    this.#dispatchedMs = atMs;
  }

  /**
   * Calls `owner.aborted` when the signal fires before the call is settled. The call itself is the
   * listener, which saves a closure.
   */
  listen(owner: CallOwner<this>): void {
    if (!this.signal || this.#settled) return;
    this.#owner = owner;
    try {
      listenToAbort(this.signal, this);
    } catch (cause) {
      this.failed('rejected', signalError(this.series.name, cause));
    }
  }

  handleEvent(): void {
    whereStackLasts(() => this.#owner?.aborted(this as never));
  }

  /** O(1), no allocation. */
  ok(value: O, ran?: Execution): void {
    const books = this.#books;
    const settledMs = this.#back(ran);
    if (this.#settled) return;
    const series = this.series as FunctionSeries;
    series.counts.ok++;
    if (books.recording && this.epoch === books.epoch) {
      const dispatchedMs = this.#dispatchedMs;
      const { intendedMs } = this;
      const serviceMs = ran ? ran.endedMs - ran.beganMs : settledMs - dispatchedMs;
      series.took(dispatchedMs - intendedMs, serviceMs, settledMs - intendedMs);
      books.sawMemory(settledMs);
    }
    this.#settle('ok', settledMs, ran, undefined);
    this.#resolve(value);
    books.notifyQuiet();
  }

  failed(outcome: Exclude<Outcome, 'ok'>, error: unknown, ran?: Execution): void {
    // Of the calls that fail, only a trapped one has come back.
    const settledMs = outcome === 'trap' ? this.#back(ran) : Number.NaN;
    if (this.#settled) return;
    (this.series as FunctionSeries).counts[outcome]++;
    this.#settle(outcome, settledMs, ran, error);
    this.#reject(error);
    this.#books.notifyQuiet();
  }

  /** The caller gave up: settles the call with the reason of its signal. */
  cancelled(): void {
    this.failed('cancelled', reasonOf(this.signal));
  }

  /** Books that the call came back, also where it was settled before. @returns when it came back, ms */
  #back(ran: Execution | undefined): number {
    const books = this.#books;
    const dispatch = this.#dispatch;
    const { counters } = books;
    const settledMs = dispatch?.isBack ? dispatch.returnedMs : answeredOr(ran, books);
    if (dispatch === null) {
      counters.batches++;
      counters.batchedCalls++;
    }
    const tookMs = ran ? ran.endedMs - ran.beganMs : this.#away(settledMs, dispatch);
    if (books.timed) {
      if (dispatch === null) counters.batchMs += this.#away(settledMs, null);
      counters.executeMs += tookMs;
    }
    if (this.standing !== null) this.standing.share?.took(tookMs);
    if (!ran) return settledMs;
    counters.bytesOut += ran.bytesOut;
    const wasCold = !Number.isNaN(ran.coldStartMs);
    if (wasCold && books.recording) (this.series as FunctionSeries).start.record(ran.coldStartMs);
    if (!Number.isNaN(ran.rank)) books.cache.reference(ran.rank, !wasCold, wasCold ? ran.coldStartMs : 0);
    return settledMs;
  }

  /** How long it was out, its share where others were with it, ms. */
  #away(settledMs: number, dispatch: Dispatch | null): number {
    // A call that was never dispatched counts as dispatched when it was offered.
    if (this.#dispatchedMs < 0) this.#dispatchedMs = this.offeredMs;
    const awayMs = settledMs - this.#dispatchedMs;
    return dispatch === null ? awayMs : awayMs / dispatch.calls.length;
  }

  #settle(outcome: Outcome, settledMs: number, ran: Execution | undefined, error: unknown): void {
    this.#settled = true;
    const books = this.#books;
    books.settledCount++;
    books.inFlight--;
    // A call that never came back has no moment of its own.
    if (books.timed) {
      if (books.inFlight === 0) books.emptySinceMs = Number.isNaN(settledMs) ? books.clock.now() : settledMs;
      books.ages.settled(this.offeredMs);
    }
    books.calls.settled(this);
    if (this.limits !== null) this.limits.ended();
    if (this.#owner) ignoreAbort(this.signal as AbortSignal, this);
    if (this.#trace === null) return;
    const { intendedMs } = this;
    // Written out, since spreading an object is slow enough to be seen, though only sampled calls come here.
    const { receivedMs, beganMs, endedMs, returnedMs, coldStartMs } = ran ?? noExecution;
    const dispatchedMs = this.#dispatchedMs;
    const stamps = { intendedMs, dispatchedMs, receivedMs, beganMs, coldStartMs, endedMs, returnedMs, settledMs };
    this.#trace.finish(outcome, stamps, error);
  }
}

function answeredOr(ran: Execution | undefined, books: CallBooks): number {
  if (ran !== undefined && !Number.isNaN(ran.answeredMs)) return ran.answeredMs;
  return books.timed ? books.clock.now() : books.turnMs();
}

/** Several calls that go out together, as one message or one call of a function. */
export class Dispatch<C extends Call = Call> {
  readonly calls: readonly C[];
  readonly atMs: number;
  /** Bytes of the calls' inputs, where they are counted. */
  bytesIn = 0;
  returnedMs = Number.NaN;
  readonly #books: CallBooks;

  /** The calls go out now. */
  constructor(books: CallBooks, calls: readonly C[]) {
    this.calls = calls;
    this.#books = books;
    this.atMs = books.clock.now();
    for (let i = 0; i < calls.length; i++) (calls[i] as C).dispatched(this as never);
  }

  get isBack(): boolean {
    return !Number.isNaN(this.returnedMs);
  }

  /**
   * The calls are back now. Those that are settled after this end at this moment; those settled before
   * have ended then.
   */
  returned(): void {
    this.returnedMs = this.#books.clock.now();
    if (this.calls.length === 0) return;
    const { counters } = this.#books;
    counters.batches++;
    counters.batchedCalls += this.calls.length;
    counters.batchMs += this.returnedMs - this.atMs;
    counters.bytesIn += this.bytesIn;
  }
}

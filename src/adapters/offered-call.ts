/**
 * One call of a wrapped executor, from offer to settlement, and the book of all of them. Whatever
 * happens to a call (a late answer after an abort, a worker dying while its batch returns), it is
 * settled once, so that offered = settled + in flight holds.
 *
 *   run() ──▶ CallBook.offer ──▶ dispatched ──▶ ok | failed ──▶ recorder
 */
import type { CallOptions, Outcome } from '../contracts.ts';
import type { Queued } from '../executor/dispatch-queue.ts';
import { callOptionsError } from '../foundation/call-options.ts';
import type { Recorder, Series } from '../measure/recorder.ts';
import type { CallTrace } from '../measure/trace.ts';

export class OfferedCall<I, O> implements Queued {
  readonly input: I;
  readonly series: Series;
  readonly epoch: number;
  /** When it came in: lingering counts from here. */
  readonly offeredMs: number;
  readonly intendedMs: number;
  readonly signal: AbortSignal | undefined;
  readonly trace: CallTrace | null;
  readonly promise: Promise<O>;
  before: Queued | null = null;
  after: Queued | null = null;
  /** NaN until the work was handed to whoever does it. */
  dispatchedMs = Number.NaN;
  settled = false;
  readonly #book: CallBook;
  readonly #resolve: (value: O) => void;
  readonly #reject: (reason: unknown) => void;
  #stopListening: (() => void) | undefined;

  constructor(book: CallBook, input: I, series: Series, call: CallOptions | undefined) {
    const { recorder } = book;
    const nowMs = recorder.clock.now();
    this.#book = book;
    this.input = input;
    this.series = series;
    this.epoch = recorder.epoch;
    this.offeredMs = nowMs;
    this.intendedMs = call?.intendedStartMs ?? nowMs;
    this.signal = call?.signal;
    this.trace = recorder.trace(series, nowMs);
    if (this.trace) this.trace.intendedMs = this.intendedMs;
    const { promise, resolve, reject } = Promise.withResolvers<O>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Calls `aborted` when the caller gives up before the call is settled. */
  onAbort(aborted: () => void): void {
    const { signal } = this;
    if (!signal) return;
    signal.addEventListener('abort', aborted, { once: true });
    this.#stopListening = () => signal.removeEventListener('abort', aborted);
  }

  /** @param serviceMs of the unit of dispatch it was in */
  ok(value: O, serviceMs: number, settledMs: number): void {
    if (!this.#settle('ok', settledMs)) return;
    this.#book.recorder.ok(
      this.series,
      this.epoch,
      this.offeredMs,
      this.intendedMs,
      this.dispatchedMs,
      serviceMs,
      settledMs,
    );
    this.#resolve(value);
    this.#book.settledOne();
  }

  failed(outcome: Exclude<Outcome, 'ok'>, error: unknown): void {
    if (!this.#settle(outcome, this.#book.recorder.clock.now(), error)) return;
    this.#book.recorder.failed(this.series, outcome, this.offeredMs);
    this.#reject(error);
    this.#book.settledOne();
  }

  #settle(outcome: Outcome, settledMs: number, error?: unknown): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.#stopListening?.();
    const { trace } = this;
    if (trace) {
      trace.dispatchedMs = this.dispatchedMs;
      trace.settledMs = settledMs;
      trace.finish(outcome, error);
    }
    return true;
  }
}

export class CallBook {
  readonly recorder: Recorder;
  #onQuiet: (() => void)[] = [];

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  offer<I, O>(input: I, series: Series, call: CallOptions | undefined): OfferedCall<I, O> {
    const wrong = callOptionsError('run()', call);
    // Calls whose signal has fired are not admitted, so nothing is run for one that is settled already.
    const admitted = wrong ? { signal: AbortSignal.abort(wrong) } : call;
    const offered = new OfferedCall<I, O>(this, input, series, admitted);
    this.recorder.offer(offered.offeredMs);
    if (wrong) offered.failed('rejected', wrong);
    return offered;
  }

  /** Resolves when no call is in flight. */
  async quiet(): Promise<void> {
    while (this.recorder.inFlight > 0) await new Promise<void>((resolve) => this.#onQuiet.push(resolve));
  }

  settledOne(): void {
    if (this.recorder.inFlight > 0) return;
    const waiters = this.#onQuiet;
    this.#onQuiet = [];
    for (const waiter of waiters) waiter();
  }
}

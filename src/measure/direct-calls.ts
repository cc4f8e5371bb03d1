/**
 * Calls that have ended when control comes back to their caller: they run in this thread, from beginning to
 * end, so nobody can see one in flight and it needs no token. The books are the same as those of a `Call`. How
 * long it took is kept raw, and entered in the histograms in bulk: before they are read, and when as many are
 * there as there is room for.
 *
 *   begins() ─▶ the guest ─▶ ended() ─▶ counters at once, and the raw time ── full, or a window is cut ──▶ histograms
 */
import type { Outcome } from '../contracts.ts';
import { askForStack } from '../foundation/stack-room.ts';
import type { CallBooks, Series } from './call.ts';
import type { FunctionSeries } from './series.ts';
import type { CallTrace } from './trace.ts';

export class DirectCalls {
  readonly #books: CallBooks;
  readonly #series: FunctionSeries;
  #trace: CallTrace | null = null;

  constructor(books: CallBooks, series: Series) {
    this.#books = books;
    this.#series = series as FunctionSeries;
  }

  /**
   * A call is offered and begins. O(1), no allocation unless it is sampled.
   * @returns now
   * @throws {RangeError} where too little of the stack is left to count its end, with nothing counted
   */
  begins(): number {
    askForStack();
    const books = this.#books;
    const nowMs = books.clock.now();
    books.counters.offered++;
    if (books.settledCount !== books.settledAtOffer) books.roundBegan(nowMs);
    this.#trace = books.recording ? books.tracer.begin(this.#series.name, books.epoch, nowMs) : null;
    return nowMs;
  }

  /**
   * It has ended. O(1), no allocation unless it is sampled.
   * @param beganMs what `begins()` returned
   * @param coldStartMs how long its instance took to start, NaN where a kept one served it
   * @returns how long it took, ms
   */
  ended(
    outcome: Extract<Outcome, 'ok' | 'trap'>,
    beganMs: number,
    rank: number,
    coldStartMs: number,
    error: unknown,
  ): number {
    const books = this.#books;
    const { counters } = books;
    const series = this.#series;
    const nowMs = books.clock.now();
    const tookMs = nowMs - beganMs;
    counters.batches++;
    counters.batchedCalls++;
    counters.batchMs += tookMs;
    counters.executeMs += tookMs;
    series.counts[outcome]++;
    books.settledCount++;
    if (books.inFlight === 0) books.emptySinceMs = nowMs;
    const wasCold = coldStartMs >= 0;
    books.cache.reference(rank, !wasCold, wasCold ? coldStartMs : 0);
    if (!books.recording) return tookMs;
    if (wasCold) series.start.record(coldStartMs);
    if (outcome === 'ok') series.tookAtOnce(tookMs);
    books.sawMemory(nowMs);
    if (this.#trace !== null) this.#finish(outcome, beganMs, coldStartMs, nowMs, error);
    return tookMs;
  }

  /** A call is offered that is refused before it begins. */
  refused(): void {
    askForStack();
    const books = this.#books;
    books.counters.offered++;
    if (books.settledCount !== books.settledAtOffer) books.roundBegan(books.clock.now());
    this.#series.counts.rejected++;
    books.settledCount++;
    if (books.inFlight === 0) books.emptySinceMs = books.clock.now();
  }

  #finish(outcome: Outcome, beganMs: number, coldStartMs: number, endedMs: number, error: unknown): void {
    const stamps = {
      intendedMs: beganMs,
      dispatchedMs: beganMs,
      receivedMs: beganMs,
      beganMs,
      coldStartMs,
      endedMs,
      returnedMs: endedMs,
      settledMs: endedMs,
    };
    this.#trace?.finish(outcome, stamps, error);
    this.#trace = null;
  }
}

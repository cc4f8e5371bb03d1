/**
 * The records of a processor as the calls of its windows: each is offered when it is admitted, and settled when it
 * is done with. No record has a token; those that came together share a moment, and are entered together.
 *
 *   admitted ─ wait ─▶ first call of the first stage … results ─▶ acknowledged: ok
 *   └─────────────────────────── latency ───────────────────────────────────┘
 *   skipped, or with the dead letters: trap · dropped, sampled out: shed · in flight as the run was stopped: cancelled
 *
 * `service` has one time a record and stage. Work counts the calls of all stages as batches.
 */
import type { Outcome } from '../contracts.ts';
import type { Accumulator } from '../measure/accumulator.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { FunctionSeries } from '../measure/series.ts';
import { meetMeterProvider } from '../measure/stream-metrics.ts';
import { RunMoment } from './flow/entry.ts';

export class RecordBooks {
  readonly #books: Accumulator;
  readonly #series: FunctionSeries;

  constructor(recorder: Recorder, name: string) {
    this.#books = recorder.books;
    this.#series = recorder.series(name) as FunctionSeries;
  }

  /** Now, in the epoch that is in force. */
  moment(ms: number): RunMoment {
    return new RunMoment(ms, this.#books.epoch);
  }

  /** Records were offered, all at one moment. O(1), no allocation. */
  offered({ ms }: RunMoment, count: number): void {
    const books = this.#books;
    books.counters.offered += count;
    if (books.settledCount !== books.settledAtOffer) books.roundBegan(ms);
    books.inFlight += count;
    books.ages.offered(ms, count);
  }

  /** Records that were offered at one moment are settled. O(1), no allocation. */
  settled({ ms }: RunMoment, outcome: Outcome, nowMs: number, count = 1): void {
    const books = this.#books;
    this.#series.counts[outcome] += count;
    books.settledCount += count;
    books.inFlight -= count;
    if (books.inFlight === 0) books.emptySinceMs = nowMs;
    books.ages.settled(ms, count);
  }

  bytes(bytesIn: number, bytesOut: number): void {
    this.#books.counters.bytesIn += bytesIn;
    this.#books.counters.bytesOut += bytesOut;
  }

  /** Times of so many records, from `since` on. */
  took(what: 'wait' | 'service' | 'latency', since: RunMoment, ms: number, count: number): void {
    const books = this.#books;
    if (!books.recording || since.epoch !== books.epoch) return;
    this.#series[what].recordSame(ms, count);
  }

  /** A call of any stage has ended. */
  ended(records: number, ms: number, nowMs: number): void {
    const { counters } = this.#books;
    counters.batches++;
    counters.batchedCalls += records;
    counters.batchMs += ms;
    counters.executeMs += ms;
    this.#books.sawMemory(nowMs);
    meetMeterProvider();
  }
}

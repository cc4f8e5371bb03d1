/**
 * The records of a processor as the calls of its windows: each is offered, and settled when it is done with. No record
 * has a token; those that came together share a moment, and are entered together.
 *
 *   admitted ──▶ first call of the first stage … results ─▶ acknowledged: ok
 *   │            └─ closed load ─────────── latency ────────────────────┘
 *   └─ open load ─ wait ─────────────────── latency ────────────────────┘
 *
 * An open load comes by itself (what finds no room is dropped), so its records are offered as they are admitted. Of a
 * source that waits to be read nothing has come before it is called for: how long it lay read ahead is the affair of
 * the reader, and would be counted under other settings than those that it is called with.
 *
 *   skipped, or with the dead letters: trap · dropped, sampled out: shed · in flight as the run was stopped: cancelled
 *
 * `service` has one time a record and stage. Work counts the calls of all stages as batches.
 */
import type { Outcome } from '../contracts.ts';
import type { Accumulator } from '../measure/accumulator.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { FunctionSeries } from '../measure/series.ts';
import { meetMeterProvider } from '../measure/stream-metrics.ts';
import { type FlowEntry, RunMoment } from './flow/entry.ts';

export class RecordBooks {
  /** Records come by themselves. */
  readonly isOpen: boolean;
  readonly #books: Accumulator;
  readonly #series: FunctionSeries;

  constructor(recorder: Recorder, name: string, isOpen: boolean) {
    this.isOpen = isOpen;
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

  /** Records are called for the first time, now: those of a closed load are offered with that, and have not waited. */
  called(entries: readonly FlowEntry[], ms: number): void {
    if (this.isOpen) return;
    const now = this.moment(ms);
    for (const entry of entries) entry.offered = now;
    this.offered(now, entries.length);
    this.took('wait', now, 0, entries.length);
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

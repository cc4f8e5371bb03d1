/**
 * The calls of one stage, at most `limits.lanes` at once.
 *
 *   queue ─▶ is a batch full, or has its oldest waited for `lingerMs`, or is nothing in a call? ─▶ call
 *     ▲                                                                                            │
 *     ├── after a back-off: a record that failed, while it has tries left ◀────────────────────────┤
 *     └── at once, in halves: a batch that failed, until the record that makes it fail is alone ◀───┘
 *
 * A record that fails is the only one of its batch that is told as failed. Where what comes behind the stage is
 * full no call begins but those that are made again.
 */
import type { Clock, Timers } from '../../foundation/clock.ts';
import { isSandtuneError, SandtuneError } from '../../foundation/errors.ts';
import type { RandomSource } from '../../foundation/random.ts';
import type { SourceSpan, StreamTracer } from '../../measure/stream-spans.ts';
import type { Called, CallRecords, RunCallOptions } from '../call-records.ts';
import { type AtLast, afterFailure, type ResolvedOnFailed } from '../on-failed.ts';
import type { RecordOutputs } from '../record-batch.ts';
import type { RecordBooks } from '../record-books.ts';
import type { Block } from '../shared-blocks.ts';
import type { MutableCounts } from './counts.ts';
import type { FlowEntry, RunMoment } from './entry.ts';
import { ExecutorRoom } from './executor-room.ts';
import { outputAbove } from './outputs.ts';
import { StageMeasures } from './stage-measures.ts';
import type { Stop } from './stop.ts';
import { WorkQueue } from './work-queue.ts';

export interface LaneLimits {
  lanes: number;
  batchRecords: number;
  batchBytes: number;
}

export interface LaneParts {
  /** Of the stage. */
  readonly name: string;
  readonly tracer: StreamTracer;
  readonly call: CallRecords;
  readonly limits: LaneLimits;
  readonly lingerMs: number;
  readonly maxRecordBytes: number;
  readonly onFailed: ResolvedOnFailed;
  readonly counts: MutableCounts;
  readonly stop: Stop;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  /** @param now when the call has ended */
  readonly done: (entry: FlowEntry, outputs: RecordOutputs, now: RunMoment) => void;
  /** It has no tries left. */
  readonly failed: (entry: FlowEntry, error: unknown, what: AtLast) => void;
  /** A call has ended, after its records were told. */
  readonly called: (records: number, ms: number) => void;
  /** Records have left the queue for a call. */
  readonly taken: () => void;
  /** Nothing more can come to fill a batch for now. */
  readonly isInputHeld: () => boolean;
  /** What it would give has nowhere to go. */
  readonly isOutFull: () => boolean;
  readonly books: RecordBooks;
  /** Where records wait for their first call of all. */
  readonly isFirst: boolean;
  /** A call has begun or ended. */
  readonly changed: (nowMs: number) => void;
}

/** An executor whose queue is full is asked again after this long, where no call that it has taken ends before. */
const shedPauseMs = 10;

export class Lanes {
  readonly queue = new WorkQueue();
  readonly measures: StageMeasures;
  readonly #parts: LaneParts;
  readonly #options: RunCallOptions;
  readonly #room = new ExecutorRoom();
  #calls = 0;
  #lingers = false;
  #isHeld = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const { books } = parts;
    this.measures = new StageMeasures(
      parts.isFirst && books.isOpen ? (since, ms, count) => books.took('wait', since, ms, count) : undefined,
    );
    this.#options = { signal: parts.stop.signal };
  }

  /** Calls that have not ended. */
  get calls(): number {
    return this.#calls;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** While it is held, calls are made only of records that were called before. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.pump();
  }

  /** Begins as many calls as may begin. */
  pump(): void {
    const { limits, stop } = this.#parts;
    while (!stop.isStopped && this.#calls < Math.min(limits.lanes, this.#room.most) && this.#isReady()) {
      const isAgain = this.queue.hasAgain;
      this.#begin(this.queue.take(limits.batchRecords, limits.batchBytes), isAgain);
    }
  }

  #isReady(): boolean {
    const { limits, lingerMs, clock, isInputHeld, isOutFull } = this.#parts;
    const { queue } = this;
    const { oldest } = queue;
    if (queue.hasAgain) return true;
    if (oldest === undefined || this.#isHeld || isOutFull()) return false;
    if (queue.length >= limits.batchRecords || queue.bytes >= limits.batchBytes) return true;
    if (this.#calls === 0 || isInputHeld()) return true;
    const leftMs = oldest.stageSince.ms + lingerMs - clock.now();
    if (leftMs <= 0) return true;
    this.#linger(leftMs);
    return false;
  }

  #linger(ms: number): void {
    if (this.#lingers) return;
    this.#lingers = true;
    this.#later(ms, () => {
      this.#lingers = false;
    });
  }

  /** @param before the next pump */
  #later(ms: number, before: () => void): void {
    const { timers, stop } = this.#parts;
    timers.sleep(ms, { signal: stop.signal, keepAlive: true }).then(
      () => {
        before();
        this.pump();
      },
      (error: unknown) => stop.stop(error),
    );
  }

  #begin(entries: readonly FlowEntry[], isAgain: boolean): void {
    const { name, call, clock, stop, tracer, books, isFirst, called, taken, changed } = this.#parts;
    const { waitRun } = this.measures;
    const startMs = clock.now();
    this.#calls++;
    if (!isAgain) {
      for (const { stageSince } of entries) waitRun.add(stageSince, startMs);
      if (isFirst) books.called(entries, startMs);
    }
    waitRun.end(startMs);
    changed(startMs);
    taken();
    let endMs = startMs;
    const span = tracer.draws() ? tracer.batch(name, startMs, entries.length, sourcesOf(entries)) : null;
    const made = span ? span.within(() => call(entries, this.#options)) : call(entries, this.#options);
    made
      .then(
        (called) => {
          endMs = clock.now();
          span?.end(endMs);
          this.#room.ended();
          this.#ended(entries, called, endMs - startMs, books.moment(endMs));
        },
        (error: unknown) => {
          endMs = clock.now();
          span?.end(endMs, error);
          this.#wholeFailed(entries, error);
        },
      )
      .then(() => {
        this.#calls--;
        books.ended(entries.length, endMs - startMs, endMs);
        called(entries.length, endMs - startMs);
        changed(endMs);
        this.pump();
      })
      // What a part of the run throws here is a fault of ours, and must not be lost with the promise.
      .catch((error: unknown) => stop.stop(error));
  }

  #ended(entries: readonly FlowEntry[], { results, block }: Called, tookMs: number, now: RunMoment): void {
    if (this.#parts.stop.isStopped) return;
    this.measures.service.record(tookMs, entries.length);
    const { offered, since } = entries[0] as FlowEntry;
    this.#parts.books.took('service', offered ?? since, tookMs, entries.length);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as FlowEntry;
      const result = results[i];
      if (result === undefined || result instanceof Error) this.#oneFailed(entry, result);
      else this.#one(entry, result, block, now);
    }
    this.measures.sojournRun.end(now.ms);
    block?.letGo();
  }

  #one(entry: FlowEntry, outputs: RecordOutputs, block: Called['block'], now: RunMoment): void {
    const { maxRecordBytes, done } = this.#parts;
    const tooLong = outputAbove(maxRecordBytes, outputs);
    if (!tooLong) {
      // Not before: the bytes of one that is tried again lie in the block of the stage before.
      if (block) holdFor(entry, block);
      this.measures.sojournRun.add(entry.stageSince, now.ms);
      return done(entry, outputs, now);
    }
    const message = `expected a result of at most ${maxRecordBytes} bytes (maxRecordBytes), got ${tooLong.length}`;
    this.#oneFailed(entry, new SandtuneError('ERR_SANDTUNE_RECORD_TOO_LARGE', message));
  }

  #wholeFailed(entries: readonly FlowEntry[], error: unknown): void {
    const { stop, counts } = this.#parts;
    if (stop.isStopped) return;
    const refused = isSandtuneError(error) ? error : undefined;
    // A batch whose result is none is the fault of the function, whatever it makes of its records one by one.
    const isOver = refused?.code === 'ERR_SANDTUNE_CLOSED' || refused?.code === 'ERR_SANDTUNE_RECORD_FAILED';
    if (isOver && (entries.length > 1 || refused.code === 'ERR_SANDTUNE_CLOSED')) stop.stop(error);
    else if (refused?.outcome === 'shed') return this.#refused(entries);
    else if (entries.length === 1) this.#oneFailed(entries[0] as FlowEntry, error);
    else {
      counts.splits++;
      const half = Math.ceil(entries.length / 2);
      this.queue.again(entries.slice(0, half));
      this.queue.again(entries.slice(half));
    }
    this.#room.ended();
  }

  /** By an executor that is full: called again with the next call that ends, or soon. */
  #refused(entries: readonly FlowEntry[]): void {
    this.queue.again(entries);
    // The one that was refused is still counted.
    this.#room.refused(this.#calls - 1);
    this.#later(shedPauseMs, () => this.#room.asksAgain());
  }

  #oneFailed(entry: FlowEntry, error: unknown): void {
    const { onFailed, counts, random, failed } = this.#parts;
    entry.attempts++;
    const next = afterFailure(onFailed, entry.attempts, random());
    if (typeof next === 'string') return failed(entry, error, next);
    counts.retries++;
    this.#later(next, () => this.queue.again([entry]));
  }
}

/** Each once. */
function sourcesOf(entries: readonly FlowEntry[]): ReadonlySet<SourceSpan> {
  const sources = new Set<SourceSpan>();
  for (const { from } of entries) if (from.span) sources.add(from.span);
  return sources;
}

/** Until it is acknowledged; a record that is called again lets go of what it had. */
function holdFor(entry: FlowEntry, block: Block): void {
  entry.block?.letGo();
  entry.block = block;
  block.hold();
}

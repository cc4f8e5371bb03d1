/**
 * The way of a record over the stages, each with lanes of its own, all at once.
 *
 *   admitted ─▶ queue ─ lanes of stage 0 ─▶ queue ─ lanes of stage 1 ─▶ … ─▶ results of the record
 *               ▲                            │ as many wait as two calls a lane take: stage 0 is blocked
 *               └── no more are read ◀───────┘ … and so on, up to the source
 *
 * The credits of a record are one budget over all of it: they are resized to the bytes it has in the stage it is
 * in. Results of a last stage are bounded by the credits alone. A stage that gives nothing ends the record there,
 * one that gives several results makes parts of it (parts.ts). Tries are counted anew in each stage, and a record
 * that failed is called again in the stage in which it did.
 *
 * A lane without a call is blocked where the stage has records and what comes behind it is full, or where none come
 * because what has come before holds all credits behind it; else it is starved.
 */
import type { Clock, Timers } from '../../foundation/clock.ts';
import { copyOfBytes } from '../../foundation/copy-bytes.ts';
import type { RandomSource } from '../../foundation/random.ts';
import type { StreamTracer } from '../../measure/stream-spans.ts';
import type { ResolvedStreamOptions } from '../options.ts';
import type { RecordOutputs } from '../record-batch.ts';
import type { RecordBooks } from '../record-books.ts';
import type { ResolvedStage } from '../stages.ts';
import type { Credits } from './credits.ts';
import { EntryExtra, type EntryPartition, type FlowEntry, noBytes, type RunMoment } from './entry.ts';
import { type FailedParts, recordFailed } from './failed-records.ts';
import { type LaneLimits, Lanes } from './lanes.ts';
import { LevelTimes, type Spread } from './levels.ts';
import { isOneOutput, listOfOutputs, mapOutputs, noOutputs, outputBytes, outputCount } from './outputs.ts';
import { Parts, wholeOf } from './parts.ts';
import { type StageShares, StageTime } from './stage-shares.ts';

export interface StageChainParts {
  readonly stages: readonly ResolvedStage[];
  /** Of each stage; may move at any time. */
  readonly limits: readonly LaneLimits[];
  readonly options: ResolvedStreamOptions;
  readonly credits: Credits;
  readonly failed: Pick<FailedParts, 'counts' | 'stop' | 'deadLetters'>;
  readonly books: RecordBooks;
  readonly tracer: StreamTracer;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  /** Its results are there, or it has none. */
  readonly done: (entry: FlowEntry, outputs: RecordOutputs, now: RunMoment) => void;
  readonly called: (stage: number, records: number, ms: number, inFlight: number) => void;
  /** Records have left the first queue. */
  readonly taken: () => void;
  /** Nothing more can come in for now. */
  readonly isInputHeld: () => boolean;
}

interface StageLevels {
  readonly lanes: LevelTimes;
  readonly batchRecords: LevelTimes;
}

/** Of each lane, calls that may wait beside the one it makes; and records, however few the lanes. */
const callsAhead = 2;
const fewestAhead = 64;

export class StageChain {
  readonly stages: readonly Lanes[];
  readonly #parts: StageChainParts;
  readonly #times: readonly StageTime[];
  readonly #levels: readonly StageLevels[];
  readonly #first: Lanes;
  #busyMs = 0;
  #busySinceMs: number;
  #busyCalls = 0;

  constructor(parts: StageChainParts) {
    this.#parts = parts;
    const startMs = parts.clock.now();
    this.#busySinceMs = startMs;
    this.#levels = parts.limits.map(({ lanes, batchRecords }) => ({
      lanes: new LevelTimes(startMs, lanes),
      batchRecords: new LevelTimes(startMs, batchRecords),
    }));
    this.#times = parts.stages.map(() => new StageTime(startMs));
    this.stages = parts.stages.map((_, index) => this.#lanesOf(index));
    this.#first = this.stages[0] as Lanes;
  }

  /** Records that wait for their first call. */
  get waiting(): number {
    return this.#first.queue.length;
  }

  get waitingBytes(): number {
    return this.#first.queue.bytes;
  }

  /** Of a partition, the record that waits longest for its first call. Cost: O(records that wait). */
  firstWaiting(from: EntryPartition): FlowEntry | undefined {
    return this.#first.queue.first((entry) => entry.from === from);
  }

  /** Calls in flight. */
  get calls(): number {
    return this.stages.reduce((sum, { calls }) => sum + calls, 0);
  }

  /** Sum over lanes of the time they had a call, up to now. */
  get busyMs(): number {
    return this.#busyMs + this.#busyCalls * Math.max(0, this.#parts.clock.now() - this.#busySinceMs);
  }

  /** The first stage takes no records that were not called before. */
  get isHeld(): boolean {
    return this.#first.isHeld;
  }

  hold(isHeld: boolean): void {
    this.#first.hold(isHeld);
  }

  /**
   * As many wait for their first call as are worth reading ahead. What waits longer than it has to costs memory and
   * the collector, and makes nothing quicker: more than half of a call of small records was that.
   */
  get isFull(): boolean {
    return this.#isFull(0);
  }

  /** A record has been admitted. */
  enter(entry: FlowEntry): void {
    this.#first.queue.add(entry);
  }

  /** A record that cannot be called at all. */
  enterFailed(entry: FlowEntry, error: unknown): void {
    entry.attempts = 1;
    this.#failed(0, entry, error, this.#parts.options.onFailed.atLast);
  }

  /** Takes out the one that has waited longest for its first call. */
  evict(): FlowEntry | undefined {
    return this.#first.queue.evict();
  }

  /** Begins as many calls as may begin. @param nowMs or a little earlier */
  pump(nowMs: number): void {
    for (let index = this.stages.length - 1; index >= 0; index--) this.stages[index]?.pump();
    this.#changed(nowMs);
  }

  shares(index: number, of: 'whole' | 'recent'): StageShares {
    return (this.#times[index] as StageTime)[of](this.#parts.clock.now());
  }

  /** Where its limits stood, for which share of the time. */
  limitsOver(index: number): { readonly lanes: Spread; readonly batchRecords: Spread } {
    const nowMs = this.#parts.clock.now();
    const { lanes, batchRecords } = this.#levels[index] as StageLevels;
    return { lanes: lanes.spread(nowMs), batchRecords: batchRecords.spread(nowMs) };
  }

  #lanesOf(index: number): Lanes {
    const { stages, limits, options, failed, books, tracer, clock, timers, random, done, called, taken } = this.#parts;
    const stage = stages[index] as ResolvedStage;
    return new Lanes({
      name: stage.name,
      tracer,
      call: stage.call,
      limits: limits[index] as LaneLimits,
      lingerMs: stage.lingerMs,
      maxRecordBytes: options.maxRecordBytes,
      onFailed: options.onFailed,
      counts: failed.counts,
      stop: failed.stop,
      books,
      isFirst: index === 0,
      clock,
      timers,
      random,
      done:
        index + 1 === stages.length
          ? (entry, outputs, now) => (entry.extra ? this.#ended(entry, outputs, now) : done(entry, outputs, now))
          : (entry, outputs, now) => this.#done(index, entry, outputs, now),
      failed: (entry, error, what) => this.#failed(index, entry, error, what),
      called: (records, ms) => {
        called(index, records, ms, (this.stages[index]?.calls ?? 0) + 1);
        this.stages[index + 1]?.pump();
      },
      taken: () => (index === 0 ? taken() : this.stages[index - 1]?.pump()),
      isInputHeld: () => this.#isIdleBefore(index) && this.#parts.isInputHeld(),
      isOutFull: () => index + 1 < stages.length && this.#isFull(index + 1),
      changed: (nowMs) => this.#changed(nowMs),
    });
  }

  #isFull(index: number): boolean {
    const { lanes, batchRecords } = this.#parts.limits[index] as LaneLimits;
    const { queue } = this.stages[index] as Lanes;
    return queue.length >= Math.max(fewestAhead, callsAhead * lanes * batchRecords);
  }

  /** No stage before it has anything that could still come. */
  #isIdleBefore(index: number): boolean {
    for (let before = 0; before < index; before++) {
      const { queue, calls } = this.stages[before] as Lanes;
      if (calls > 0 || queue.length > 0 || queue.hasAgain) return false;
    }
    return true;
  }

  #changed(nowMs: number): void {
    if (nowMs > this.#busySinceMs) {
      this.#busyMs += this.#busyCalls * (nowMs - this.#busySinceMs);
      this.#busySinceMs = nowMs;
    }
    let all = 0;
    for (let index = 0; index < this.stages.length; index++) {
      const { calls, queue } = this.stages[index] as Lanes;
      all += calls;
      const { lanes, batchRecords } = this.#parts.limits[index] as LaneLimits;
      const levels = this.#levels[index] as StageLevels;
      levels.lanes.at(nowMs, lanes);
      levels.batchRecords.at(nowMs, batchRecords);
      const busy = Math.min(1, calls / lanes);
      this.#times[index]?.changed(nowMs, busy, busy < 1 && this.#isBlocked(index, queue.length));
    }
    this.#busyCalls = all;
  }

  #isBlocked(index: number, waiting: number): boolean {
    if (waiting === 0) return this.#parts.credits.isPaused && this.#isIdleBefore(index);
    return (index === 0 && this.isHeld) || (index + 1 < this.stages.length && this.#isFull(index + 1));
  }

  /** It has left a stage. */
  #done(index: number, entry: FlowEntry, outputs: RecordOutputs, now: RunMoment): void {
    const count = outputCount(outputs);
    if (count === 0) return this.#ended(entry, outputs, now);
    const next = this.stages[index + 1] as Lanes;
    const { takes } = this.#parts.stages[index + 1] as ResolvedStage;
    const mustCopy = entry.block !== null && takes !== 'shared';
    const inputs = mustCopy ? mapOutputs(outputs, copyOfBytes) : outputs;
    if (mustCopy) {
      entry.block?.letGo();
      entry.block = null;
    }
    if (index === 0 && this.#parts.options.onFailed.atLast === 'dead-letter') {
      entry.extra ??= new EntryExtra();
      entry.extra.original = entry.bytes;
    }
    if (count === 1) {
      entry.bytes = isOneOutput(inputs) ? inputs : (inputs[0] as Uint8Array);
      entry.attempts = 0;
      entry.stageSince = now;
      this.#charge(entry, entry.bytes.length);
      next.queue.add(entry);
    } else {
      entry.bytes = noBytes;
      this.#charge(entry, 0);
      const parts = new Parts(entry, count);
      listOfOutputs(inputs).forEach((bytes, slot) => {
        const part = parts.part(slot, bytes, now);
        this.#charge(part, bytes.length);
        next.queue.add(part);
      });
    }
  }

  /** It holds credits for so many bytes from now on, and for those of its original. */
  #charge(entry: FlowEntry, bytes: number): void {
    const own = entry.extra?.original?.length ?? 0;
    this.#parts.credits.resize(bytes + own - entry.chargedBytes);
    entry.chargedBytes = bytes + own;
  }

  #ended(entry: FlowEntry, outputs: RecordOutputs, now: RunMoment): void {
    const { extra } = entry;
    if (extra === null || extra.partOf === null) return this.#parts.done(entry, outputs, now);
    const { partOf, slot } = extra;
    this.#charge(entry, outputBytes(outputs));
    const joined = partOf.ended(entry, slot, outputs);
    if (joined) this.#ended(partOf.whole, joined, now);
  }

  #failed(index: number, entry: FlowEntry, error: unknown, what: Parameters<typeof recordFailed>[3]): void {
    const { failed, stages, books, clock } = this.#parts;
    const leaveOut = () => this.#ended(entry, noOutputs, books.moment(clock.now()));
    const whole = wholeOf(entry);
    // One record is told as failed once, whatever the number of its parts that do.
    whole.extra ??= new EntryExtra();
    if (whole.extra.isLost) return leaveOut();
    whole.extra.isLost = true;
    whole.attempts = entry.attempts;
    const stage = stages.length > 1 ? stages[index]?.name : undefined;
    recordFailed({ ...failed, stage, leaveOut }, whole, error, what);
  }
}

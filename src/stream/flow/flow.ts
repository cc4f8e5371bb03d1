/**
 * One run: a source, an executor, a sink, and the credits between them. It ends in exactly one way.
 *
 *   Intake ─▶ admission ─▶ stages ─▶ in order ─▶ Outbox ─▶ SinkDelivery ─▶ acknowledged
 *              (credits taken)                                      (credits given back, prefix committed)
 *
 * Who holds credits: a record from its admission until its last result is acknowledged, or it is left out;
 * while it waits and is called with its own bytes, afterwards with those of its results. What is read and
 * not admitted is one piece a partition.
 *
 * | state     | the source ends | record failed for good | sink, source or store throws | abort   | all acknowledged |
 * |-----------|-----------------|------------------------|------------------------------|---------|------------------|
 * | running   | draining        | by onFailed; stopping  | stopping                     | stopping| running          |
 * | draining  | (has ended)     | by onFailed; stopping  | stopping                     | stopping| complete         |
 * | stopping  | stopping        | not heard              | not heard: the first counts  | not heard| failed          |
 *
 * Stopping calls nothing more, tells the calls in flight by their signal, calls `return()` of what it reads
 * from and `close(error)` of the sink, and rejects with what came first. The position that a checkpoint
 * names after any of these is that of the contiguous acknowledged prefix.
 */
import { freshSeed, randomStream } from '../../foundation/random.ts';
import type { RecordOutputs } from '../record-batch.ts';
import { AdaptiveController, type ControllerBounds } from './adaptive/controller.ts';
import { memoryShareOf } from './adaptive/memory-share.ts';
import { type Admission, admission } from './admission.ts';
import { type MutableCounts, noCounts } from './counts.ts';
import { CreditWait } from './credit-wait.ts';
import { type CreditLimits, Credits } from './credits.ts';
import { SinkDelivery } from './delivery.ts';
import { type FlowEntry, noBytes, type RunMoment } from './entry.ts';
import { tooLongError } from './failed-records.ts';
import { FlowBooks } from './flow-books.ts';
import { type FlowParts, withinGrace } from './flow-parts.ts';
import { Intake, type IntakeHost } from './intake.ts';
import { KeptShare, ownBytes } from './kept-bytes.ts';
import type { LaneLimits } from './lanes.ts';
import { Line } from './line.ts';
import { Orders } from './orders.ts';
import { Outbox } from './outbox.ts';
import { mapOutputs, noOutputs, outputBytes, outputCount } from './outputs.ts';
import { PartitionFlow } from './partition-flow.ts';
import { Sample } from './sampling.ts';
import { StageChain } from './stage-chain.ts';
import type { Stop } from './stop.ts';

export class Flow implements IntakeHost {
  readonly counts: MutableCounts = noCounts();
  readonly credits: Credits;
  readonly partitions: readonly PartitionFlow[];
  readonly stages: StageChain;
  readonly delivery: SinkDelivery;
  readonly line: Line;
  readonly limits: readonly LaneLimits[];
  readonly books: FlowBooks;
  readonly stop: Stop;
  readonly #parts: FlowParts;
  readonly #outbox = new Outbox();
  readonly #room = new CreditWait();
  /** Where records are sampled. */
  readonly #sample: Sample | undefined;
  readonly #controller: AdaptiveController | undefined;
  readonly #orders: Orders;
  readonly #keptShare = new KeptShare();
  readonly #drops: boolean;
  readonly #keepsAll: boolean;
  #reading = 0;
  /** Records whose results wait for the sink, or for its acknowledgement. */
  #withResults = 0;

  constructor(parts: FlowParts) {
    const { options, stages, source, from, inFlight = [], stop } = parts;
    const { clock, timers, randomSource } = options.surroundings;
    this.#parts = parts;
    this.#drops = options.backpressure.startsWith('drop');
    this.#keepsAll = !this.#drops && options.backpressure !== 'sample';
    this.stop = stop;
    this.books = new FlowBooks(parts.books, this.counts, clock);
    if (options.backpressure === 'sample') this.#sample = new Sample(options.bufferRecords, options.keyOf);
    this.#orders = new Orders(options.ordering, options.keyOf);
    const { bounds } = parts;
    this.credits = new Credits(bounds.credits);
    this.limits = bounds.stages.map((limits) => ({ ...limits }));
    if (options.backpressure === 'adaptive') this.#controller = this.#controllerWithin(bounds, parts.controllerState);
    const positions = new Map(from.map((position) => [position.partition, position]));
    const earlier = new Map(inFlight.map((one) => [one.partition, one]));
    this.partitions = source.partitions.map(({ partition }) => {
      const position = positions.get(partition) ?? { partition, offset: 0, at: 0 };
      return new PartitionFlow(position, this, parts.tracer.source(partition), earlier.get(partition));
    });
    this.stages = new StageChain({
      stages,
      limits: this.limits,
      options,
      credits: this.credits,
      failed: { counts: this.counts, stop, deadLetters: options.deadLetters },
      books: parts.books,
      tracer: parts.tracer,
      clock,
      timers,
      random: randomSource ?? randomStream(freshSeed(), 'stream'),
      done: (entry, outputs, now) => this.#called(entry, outputs, now),
      called: (stage, records, ms, inFlight) => this.#controller?.called(stage, records, ms, inFlight),
      taken: () => {
        if (!this.credits.isPaused) this.#room.open();
      },
      isInputHeld: () => this.#reading === 0 || this.credits.isPaused,
    });
    this.delivery = new SinkDelivery({
      run: this,
      outbox: this.#outbox,
      sink: parts.sink,
      counts: this.counts,
      stop,
      clock,
      done: (entry, nowMs) => this.#finish(entry, nowMs),
      gate: parts.checkpoints,
      isOver: () => this.isOver,
    });
    const { partitions, credits, delivery } = this;
    const withResults = () => this.#withResults;
    this.line = new Line({ partitions, stages: this.stages, credits, delivery, stop, withResults });
  }

  /** Everything was read and acknowledged. */
  get isOver(): boolean {
    return this.#reading === 0 && this.credits.records === 0;
  }

  /** There are results, and none may be delivered before the next checkpoint. */
  get isGated(): boolean {
    const { first } = this.#outbox;
    return first !== undefined && first.offset >= first.from.deliverBefore;
  }

  /** Bytes that were called, or are, and not acknowledged. */
  get calledBytes(): number {
    return this.credits.bytes - this.stages.waitingBytes;
  }

  /** Of what moves inside the bounds, for a restart. */
  controllerState(): unknown {
    return this.#controller?.state ?? null;
  }

  /** Holds from now on; calls that have begun, and records that are in flight, stay. */
  setBounds(bounds: ControllerBounds): void {
    if (this.#controller) this.#controller.setBounds(bounds);
    else {
      bounds.stages.forEach((limits, index) => Object.assign(this.limits[index] as LaneLimits, limits));
      this.#setCredits(bounds.credits);
    }
    this.stages.pump(this.books.now.ms);
  }

  /** The run is over: what is still in flight will not be heard of. */
  ended(): void {
    this.books.end(this.partitions.flatMap((partition) => [...partition.openEntries()]));
  }

  /** Resolves when everything was read and acknowledged. @throws what stopped it, once all of it has ended */
  async run(): Promise<void> {
    const { options, source } = this.#parts;
    this.#reading = source.partitions.length;
    const reading = source.partitions.map(async (partition, index) => {
      await new Intake(this, this.partitions[index] as PartitionFlow, partition, options).read();
      this.#reading--;
      this.stages.pump(this.books.now.ms);
      this.delivery.wake.tell();
    });
    const all = [...reading, this.delivery.run()].map((part) =>
      part.catch((error: unknown) => {
        this.stop.stop(error);
      }),
    );
    await Promise.all(all);
    for (const { span, readCount } of this.partitions) span?.end(readCount, this.stop.reason?.error);
    this.stop.throwIfStopped();
  }

  // ------------------------------------------------------------ as the host of its intakes

  offer(from: PartitionFlow, bytes: Uint8Array, frameBytes: number, tooLong: boolean): boolean {
    const { credits, counts } = this;
    // Where nothing is left out; else the buffer must come to be full for want of lanes as well as of a sink.
    if (this.#keepsAll && this.stages.isFull) return false;
    const drawn = this.#sample && !tooLong ? this.#sample.weightOf(from, bytes, credits.pauses) : 1;
    // One without a key can be in no sample: it has failed.
    const weight = typeof drawn === 'number' ? drawn : 1;
    const decision = this.#admission(bytes.length, weight);
    if (decision === 'wait') {
      credits.pause();
      return false;
    }
    counts.read++;
    counts.bytesIn += frameBytes;
    this.books.offered(decision === 'drop' || decision === 'sample-out');
    if (decision === 'take') this.#admit(from, bytes, frameBytes, tooLong, drawn);
    else if (decision === 'drop') {
      counts.dropped++;
      from.leaveOut(frameBytes, 'dropped');
    } else {
      counts.sampledOut++;
      from.leaveOut(frameBytes, 'sampled-out');
    }
    return true;
  }

  /** What becomes of a record of so many bytes, once those that make room for it have done so. */
  #admission(bytes: number, weight: number): Exclude<Admission, 'evict'> {
    const { backpressure } = this.#parts.options;
    const { credits, stages } = this;
    for (;;) {
      const hasRoom = this.#drops ? credits.fits(bytes) : credits.hasRoomFor(bytes);
      const { waiting } = stages;
      // Where it has no room beside what is in a call or waits for the sink, nothing else is left out for it.
      const mayEvict = !hasRoom && waiting > 0 && credits.fits(bytes - stages.waitingBytes, 1 - waiting);
      const decision = admission(backpressure, hasRoom, weight, mayEvict);
      if (decision !== 'evict') return decision;
      this.#leaveOut(stages.evict() as FlowEntry);
    }
  }

  room(): Promise<void> {
    return this.stop.or(this.#room.wait());
  }

  pieceCame(): void {
    this.books.came();
  }

  pieceDone(): void {
    this.books.enterOffered();
    this.stages.pump(this.books.now.ms);
  }

  get isDropping(): boolean {
    return this.#drops && this.credits.isPaused;
  }

  grace(promise: PromiseLike<unknown>): Promise<void> {
    return withinGrace(promise, this.#parts.options.surroundings.timers);
  }

  #controllerWithin(bounds: ControllerBounds, from: unknown): AdaptiveController {
    const setCredits = (limits: CreditLimits) => this.#setCredits(limits);
    return new AdaptiveController({ bounds, limits: this.limits, setCredits, memoryShare: memoryShareOf() }, from);
  }

  #setCredits(limits: CreditLimits): void {
    this.credits.change(limits);
    if (!this.credits.isPaused) this.#room.open();
  }

  // ------------------------------------------------------------ the way of a record

  /** @param drawn its weight in the sample, or why it has none */
  #admit(from: PartitionFlow, bytes: Uint8Array, frameBytes: number, tooLong: boolean, drawn: number | Error): void {
    const { options } = this.#parts;
    const weight = typeof drawn === 'number' ? drawn : 1;
    const own = this.#drops || weight > 1 ? ownBytes(bytes) : bytes;
    const entry = from.open(own, frameBytes, weight, this.books.now);
    this.books.admitted(entry);
    this.credits.take(own.length);
    try {
      if (typeof drawn !== 'number') throw drawn;
      this.#orders.came(entry);
    } catch (error) {
      return this.stages.enterFailed(entry, error);
    }
    if (tooLong) this.stages.enterFailed(entry, tooLongError(entry, options.maxRecordBytes, frameBytes));
    else this.stages.enter(entry);
  }

  /** Its results are there: they leave once those before them have. Where there are none, it is done with. */
  #called(entry: FlowEntry, outputs: RecordOutputs, now: RunMoment): void {
    const count = outputCount(outputs);
    if (count === 0) {
      this.#keptShare.leftOut(entry.chargedBytes);
      this.#orders.remove(entry, this.#release);
      return this.#finish(entry, now.ms);
    }
    entry.outputs = entry.block === null && this.#keptShare.isSmall ? mapOutputs(outputs, ownBytes) : outputs;
    entry.bytes = noBytes;
    entry.extra = null;
    entry.stageSince = now;
    entry.unacknowledged = count;
    this.#withResults++;
    if (this.stages.isHeld) this.delivery.wake.tell();
    const bytes = outputBytes(entry.outputs);
    this.#keptShare.kept(bytes);
    this.credits.resize(bytes - entry.chargedBytes);
    entry.chargedBytes = bytes;
    this.#orders.done(entry, this.#release);
  }

  readonly #release = (entry: FlowEntry): void => {
    this.#outbox.add(entry);
    this.delivery.wake.tell();
  };

  #finish(entry: FlowEntry, nowMs: number): void {
    if (entry.gap === null) this.counts.delivered++;
    if (entry.outputs !== noOutputs) this.#withResults--;
    this.books.done(entry, nowMs);
    this.credits.give(entry.chargedBytes);
    entry.block?.letGo();
    entry.from.done(entry);
    this.#controller?.delivered(nowMs - entry.since.ms, nowMs);
    if (!this.credits.isPaused) this.#room.open();
    if (this.credits.records === 0 || this.stages.isHeld) this.delivery.wake.tell();
  }

  /** A record that waited makes room for a newer one. */
  #leaveOut(entry: FlowEntry): void {
    this.counts.dropped++;
    entry.gap = 'dropped';
    this.#called(entry, noOutputs, this.books.now);
  }
}

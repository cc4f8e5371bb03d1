/**
 * Gives results to the sink, one write at a time, and takes checkpoints between two writes.
 *
 *   outbox ─▶ write ─▶ acknowledged, one by one ─▶ credits come back, the committed position moves
 *              │
 *              └─▶ a checkpoint is due ─▶ (effectively-once: all that was written is acknowledged)
 *                    ─▶ positions ─▶ flush ─▶ save
 *
 * Order of the two under a delivery: at-least-once takes the positions before it makes the output durable,
 * so that the output has at least what the positions say. Effectively-once has nothing written and not
 * acknowledged at that moment, so that it has exactly that. At-most-once takes the positions up to which
 * was read, and delivers none of those records before the checkpoint is saved.
 */
import type { Clock } from '../../foundation/clock.ts';
import { asMicrotask } from '../../foundation/turns.ts';
import type { OpenSink, OutputRecord } from '../contracts.ts';
import type { MutableCounts } from './counts.ts';
import { type FlowEntry, Output } from './entry.ts';
import type { Outbox } from './outbox.ts';
import type { Stop } from './stop.ts';
import { Wake } from './wake.ts';

/** What stands before each write of a run with checkpoints. */
export interface DeliveryGate {
  /** A checkpoint is to be taken before the next write. */
  isDue(): boolean;
  take(): Promise<void>;
  /** Bytes that may be written before a checkpoint is saved; 0: none, and the wake tells of more. */
  allowance(): number;
  /** Nothing can be written: where that is the gate's affair, it tells the wake in time. */
  waits(): void;
}

export interface DeliveryParts {
  /** Whose records are heard of. */
  readonly run: object;
  readonly outbox: Outbox;
  readonly sink: OpenSink;
  readonly counts: MutableCounts;
  readonly stop: Stop;
  readonly clock: Clock;
  /** All of its results were acknowledged. */
  readonly done: (entry: FlowEntry, nowMs: number) => void;
  /** undefined: every result may be written. */
  readonly gate: DeliveryGate | undefined;
  /** Everything was read, called and acknowledged. */
  readonly isOver: () => boolean;
}

const mostRecords = 4096;
const mostBytes = 4 * 2 ** 20;

export class SinkDelivery {
  readonly wake = new Wake();
  readonly #parts: DeliveryParts;
  #unacknowledged = 0;
  #writing: Promise<void> | undefined;
  /** Now, while no other code has had its turn: what is acknowledged in one go is told one moment. */
  #nowMs = Number.NaN;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Resolves when everything was acknowledged. @throws the reason of the stop */
  async run(): Promise<void> {
    const { stop, gate, isOver } = this.#parts;
    for (;;) {
      stop.throwIfStopped();
      if (gate?.isDue()) await gate.take();
      if (await this.write(gate?.allowance() ?? Number.POSITIVE_INFINITY)) continue;
      if (isOver()) return;
      gate?.waits();
      await stop.or(this.wake.changed());
    }
  }

  /** Resolves when all that was written is acknowledged. @throws the reason of the stop */
  async acknowledged(): Promise<void> {
    while (this.#unacknowledged > 0) await this.#parts.stop.or(this.wake.changed());
  }

  /** As `acknowledged()`, also once the run was stopped: of a sink that never tells it never resolves. */
  async allAcknowledged(): Promise<void> {
    while (this.#unacknowledged > 0) await this.wake.changed();
  }

  /** Resolves when no write is under way, also once the run was stopped. Never rejects. */
  async ended(): Promise<void> {
    await this.#writing?.catch(() => {});
  }

  /**
   * Not while another one is under way.
   * @param allowedBytes that it ends with, or one record above
   * @returns false where there is nothing that may be written
   */
  async write(allowedBytes: number): Promise<boolean> {
    const { outbox, sink, stop } = this.#parts;
    if (outbox.isEmpty || allowedBytes <= 0) return false;
    const may = ({ offset, from }: FlowEntry) => offset < from.deliverBefore;
    const outputs = outbox.take(mostRecords, Math.min(mostBytes, allowedBytes), may, sink.borrows ?? false);
    if (outputs.length === 0) return false;
    this.#unacknowledged += outputs.length;
    this.#writing = sink.write(outputs, this.#ack);
    await stop.or(this.#writing);
    return true;
  }

  readonly #ack = (record: OutputRecord, error?: unknown): void => {
    const { run, counts, stop, done } = this.#parts;
    const entry = Output.acknowledge(record, run);
    if (!entry) return;
    if (error !== undefined) return stop.stop(error);
    this.#unacknowledged--;
    entry.unacknowledged--;
    counts.bytesOut += record.bytes.length;
    if (entry.unacknowledged === 0) done(entry, this.#now());
    if (this.#unacknowledged === 0) this.wake.tell();
  };

  #now(): number {
    if (Number.isNaN(this.#nowMs)) {
      this.#nowMs = this.#parts.clock.now();
      asMicrotask(() => {
        this.#nowMs = Number.NaN;
      });
    }
    return this.#nowMs;
  }
}

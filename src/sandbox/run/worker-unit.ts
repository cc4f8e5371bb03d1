/** One ready worker: the batch it has out, and the cache capacity it has confirmed. */
import type { Worker } from 'node:worker_threads';
import type { Dispatch } from '../../measure/call.ts';
import { deadlineOf, type GuestCall } from './call.ts';
import { exitError } from './call-errors.ts';
import { floats, ints, type Slot, skip, slotOf } from './protocol.ts';
import type { RingLink } from './ring/ring-link.ts';
import { progressFloats } from './ring/worker-memory.ts';
import type { Watched } from './watchdog.ts';

/**
 * How long a call may run on that its caller gave up, ms. Ending its worker takes away up to as much from
 * the calls beside it, and most calls end sooner by themselves.
 */
export const abandonedGraceMs = 20;

export class WorkerUnit implements Watched {
  readonly worker: Worker;
  readonly threadId: number;
  /** Its share of shared memory; free again once the worker is gone. */
  readonly share: number;
  /** Two slots, used in turn: the next batch may be sent before the last one's times are read. */
  readonly slots: readonly [Slot, Slot];
  /** Index of the slot of the batch that was sent last. */
  turn: 0 | 1 = 0;
  /** The batch it has out as a message; null while it has none. */
  batch: Dispatch<GuestCall> | null = null;
  /** The memory it shares with the host; null where calls go to it as messages. */
  link: RingLink | null = null;
  /** True while it has been told to leave that memory, and has not answered yet. */
  isLeaving = false;
  /** True once it was asked to end: it gets no more batches. */
  doomed = false;
  /** What it ended with when its own code ended it (`process.exit()`), and neither the host nor an error. */
  exitCode: number | undefined = undefined;
  /** The error that ended it; undefined where there was none. */
  fault: unknown = undefined;
  /** The cache capacity it last worked under; undefined before its first batch. */
  capacity: number | undefined = undefined;
  /** True while it still has to answer under the capacity now in force. */
  unconfirmed = false;
  /** The shortest deadline of a call of the batch it has out, ms. */
  shortestMs = Number.POSITIVE_INFINITY;
  /** For each slot: true when a call of its batch was taken back. */
  readonly skips: [boolean, boolean] = [false, false];
  /** Since when it has calls out; NaN while it has none. Its transport writes this and `pastBusyMs`. */
  busySinceMs = Number.NaN;
  /** How long it had calls out before that, ms. */
  pastBusyMs = 0;

  constructor(worker: Worker, share: number, memory: SharedArrayBuffer) {
    this.worker = worker;
    this.threadId = worker.threadId;
    this.share = share;
    this.slots = [slotOf(memory, share * 2), slotOf(memory, share * 2 + 1)];
  }

  /** True while it has calls out. */
  get isBusy(): boolean {
    return !Number.isNaN(this.busySinceMs);
  }

  get isIdle(): boolean {
    return !this.isBusy && !this.doomed;
  }

  /** How long it has had calls out in all, ms. */
  busyMs(nowMs: number): number {
    return this.pastBusyMs + (this.isBusy ? nowMs - this.busySinceMs : 0);
  }

  get guestBytes(): number {
    if (this.link !== null) return this.link.memory.progressFloats[progressFloats.guestBytes] as number;
    const [one, other] = this.slots;
    return Math.max(one.floats[floats.guestBytes] as number, other.floats[floats.guestBytes] as number);
  }

  get batchCalls(): number {
    return this.batch?.calls.length ?? 0;
  }

  leftMs(index: number, elapsedMs: number, nowMs: number, deadlineMs: number): number {
    const call = this.batch?.calls[index];
    if (!call) return deadlineMs - elapsedMs;
    const leftMs = deadlineOf(call, deadlineMs) - elapsedMs;
    return call.abandonedMs < 0 ? leftMs : Math.min(leftMs, call.abandonedMs + abandonedGraceMs - nowMs);
  }

  /**
   * Asks the worker to pass call `index` of its batch over.
   * @returns where the worker was then: it passes the call over if that is before it, may do so if it is just there
   */
  skip(index: number): number {
    const slot = this.slots[this.turn].ints;
    this.skips[this.turn] = true;
    Atomics.store(slot, ints.skipped + index, skip.asked);
    // Read after the flag was set: a worker that gets to the call from now on sees the flag.
    return Atomics.load(slot, ints.running);
  }

  busySlot(): Int32Array | undefined {
    return this.batch && !this.doomed ? this.slots[this.turn].ints : undefined;
  }
}

/** Why it has ended. */
export function causeOf({ exitCode, fault }: WorkerUnit): unknown {
  return exitCode === undefined ? (fault ?? new Error('its thread was ended')) : exitError(exitCode, fault);
}

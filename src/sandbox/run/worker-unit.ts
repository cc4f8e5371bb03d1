/** One ready worker: the batch it has out, and the cache capacity it has confirmed. */
import type { Worker } from 'node:worker_threads';
import type { Dispatch } from '../../measure/call.ts';
import type { GuestCall } from './call.ts';
import { floats, type Slot, slotOf } from './protocol.ts';
import type { Watched } from './watchdog.ts';

export class WorkerUnit implements Watched {
  readonly worker: Worker;
  readonly threadId: number;
  /** Its share of shared memory; free again once the worker is gone. */
  readonly share: number;
  /** Two slots, used in turn: the next batch may be sent before the last one's times are read. */
  readonly slots: readonly [Slot, Slot];
  /** Index of the slot of the batch that was sent last. */
  turn: 0 | 1 = 0;
  /** The batch it has out; null while it is idle. */
  batch: Dispatch<GuestCall> | null = null;
  /** True once it was asked to end: it gets no more batches. */
  doomed = false;
  /** What it ended with when its own code ended it (`process.exit()`), and neither the host nor an error. */
  exitCode: number | undefined = undefined;
  /** The cache capacity it last worked under; undefined before its first batch. */
  capacity: number | undefined = undefined;
  /** True while it still has to answer under the capacity now in force. */
  unconfirmed = false;
  /** Sum of the lengths of its batches that came back, ms. */
  busyMs = 0;

  constructor(worker: Worker, share: number, memory: SharedArrayBuffer) {
    this.worker = worker;
    this.threadId = worker.threadId;
    this.share = share;
    this.slots = [slotOf(memory, share * 2), slotOf(memory, share * 2 + 1)];
  }

  get isIdle(): boolean {
    return this.batch === null && !this.doomed;
  }

  get guestBytes(): number {
    const [one, other] = this.slots;
    return Math.max(one.floats[floats.guestBytes] as number, other.floats[floats.guestBytes] as number);
  }

  get batchCalls(): number {
    return this.batch?.calls.length ?? 0;
  }

  busySlot(): Int32Array | undefined {
    return this.batch && !this.doomed ? this.slots[this.turn].ints : undefined;
  }
}

/** What the dispatcher knows of one ready worker: the batch it has out, and what it has confirmed. */
import type { CallBooks } from '../../measure/call.ts';
import { Batch, encode } from './batch.ts';
import type { Call } from './call.ts';
import type { Lane } from './pool.ts';
import { floats, ints, notBegun, type Slot, slotOf } from './protocol.ts';
import type { Watched } from './watchdog.ts';

export class LaneState implements Watched {
  readonly lane: Lane;
  batch: Batch | null = null;
  /** The cache capacity it last worked under; undefined before its first batch. */
  capacity: number | undefined;
  /** Owes an answer under the capacity now in force. */
  unconfirmed = false;
  /** Sum of the lengths of its batches that came back, ms. */
  busyMs = 0;
  /** Two slots, used in turn: the next batch may be sent before the last one's times are read. */
  readonly #slots: readonly [Slot, Slot];
  readonly #books: CallBooks;
  readonly #overran: (state: LaneState, index: number) => void;
  #turn = 0;

  constructor(
    lane: Lane,
    memory: SharedArrayBuffer,
    books: CallBooks,
    overran: (state: LaneState, index: number) => void,
  ) {
    this.lane = lane;
    this.#books = books;
    this.#slots = [slotOf(memory, lane.slot * 2), slotOf(memory, lane.slot * 2 + 1)];
    this.#overran = overran;
  }

  get idle(): boolean {
    return this.batch === null && !this.lane.doomed;
  }

  get guestBytes(): number {
    const [one, other] = this.#slots;
    return Math.max(one.floats[floats.guestBytes] as number, other.floats[floats.guestBytes] as number);
  }

  get batchCalls(): number {
    return this.batch?.calls.length ?? 0;
  }

  slotOf(batch: Batch): Slot {
    return this.#slots[batch.slot] as Slot;
  }

  /** Makes `calls` the batch that is out, and the message for it. */
  begin(calls: readonly Call[]): unknown[] {
    this.#turn = 1 - this.#turn;
    const slot = this.#slots[this.#turn] as Slot;
    Atomics.store(slot.ints, ints.running, notBegun);
    Atomics.store(slot.ints, ints.entered, 0);
    const { message, bytes } = encode(this.lane.slot * 2 + this.#turn, calls);
    this.batch = new Batch(this.#books, calls, this.#turn, bytes);
    return message;
  }

  busySlot(): Int32Array | undefined {
    return this.batch && !this.lane.doomed ? this.slotOf(this.batch).ints : undefined;
  }

  overran(index: number): void {
    this.#overran(this, index);
  }
}

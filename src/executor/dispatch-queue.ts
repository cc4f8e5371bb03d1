/**
 * The one queue of every executor: first come, first dispatched, in units of at most `size` items, at
 * most `limit` units out at once, and only while whoever carries the work has a unit free.
 *
 *   offer ──▶ waiting (FIFO) ──▶ carrier.free()? ──▶ carrier.send(unit, items) ── returned ──▶ …
 *   again ──▶ first, each in a unit of its own ──▶┘
 *
 * A full unit leaves at once. A part-filled one leaves at the end of the turn of the event loop, so
 * that what one turn brings travels together; with `lingerMs` above 0 not before its oldest item has
 * waited that long. With size 1 nothing is put off: `send` is called before `offer` returns. All
 * three settings may be changed at any time; what is out is never taken back.
 *
 * Items are links of the list they wait in: queueing and cancelling are O(1) and allocate nothing.
 */
import type { Clock, Timers } from '../foundation/clock.ts';

/** What can wait in a queue, in one at a time. */
export interface Queued {
  /** When it came in, ms: lingering counts from here. */
  readonly offeredMs: number;
  /** Its neighbours while it waits, null while it does not. Only the queue writes them. */
  before: Queued | null;
  after: Queued | null;
}

/** Whoever carries the work. */
export interface Carrier<T, U> {
  /** A unit that takes items now. When none does: undefined, and `freed()` is called once one does. */
  free(): U | undefined;
  /** How many units could be sent off now, one after the other; Infinity where nothing limits them. */
  freeCount(): number;
  /** Takes the items over and never throws; once they are back, `returned()` is called. */
  send(unit: U, items: T[]): void;
}

export interface DispatchQueueOptions<T, U> {
  readonly carrier: Carrier<T, U>;
  /** Units out at once: integer ≥ 1 or Infinity. @defaultValue Infinity */
  readonly limit?: number;
  /** Items a unit: integer ≥ 1. @defaultValue 1 */
  readonly size?: number;
  /** @defaultValue 0 */
  readonly lingerMs?: number;
  /** Items that may wait beyond those that the free units take; read at each offer. */
  readonly maxWaiting: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

export class DispatchQueue<T extends Queued, U = unknown> {
  readonly #options: DispatchQueueOptions<T, U>;
  readonly #waiting = emptyList();
  readonly #again = emptyList();
  #count = 0;
  #limit: number;
  #size: number;
  #lingerMs: number;
  #running = 0;
  #flushing = false;
  /** The carrier had no unit free when it was last asked: until `freed()` it is not asked again. */
  #saturated = false;
  #endOfTurnSet = false;
  /** When the earliest sleep ends. */
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #onIdle: (() => void)[] = [];

  constructor(options: DispatchQueueOptions<T, U>) {
    this.#options = options;
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.#size = options.size ?? 1;
    this.#lingerMs = options.lingerMs ?? 0;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(value: number) {
    this.#limit = value;
    this.#dispatch(true);
  }

  get size(): number {
    return this.#size;
  }

  set size(value: number) {
    this.#size = value;
    this.#dispatch(true);
  }

  get lingerMs(): number {
    return this.#lingerMs;
  }

  set lingerMs(value: number) {
    this.#lingerMs = value;
    this.#dispatch(true);
  }

  /** Units that are out. */
  get running(): number {
    return this.#running;
  }

  /** Items that wait. */
  get waiting(): number {
    return this.#count;
  }

  /** False: nothing can leave now, and as many wait as may. O(1), no allocation. */
  offer(item: T): boolean {
    if (this.#count >= this.#options.maxWaiting && this.#count >= this.#mostWaiting()) return false;
    this.#append(this.#waiting, item);
    this.#dispatch(false);
    return true;
  }

  /** Takes an item in once more. It goes before all others and alone, so that no neighbour can take it down again. */
  again(item: T): void {
    this.#append(this.#again, item);
    this.#dispatch(false);
  }

  /** Takes an item back that still waits; false when it does not. O(1). */
  remove(item: T): boolean {
    if (item.after === null) return false;
    this.#unlink(item);
    this.#idleWhenDone();
    return true;
  }

  /** Takes back all that waits, in the order it would have left. */
  clear(): T[] {
    const items = [...this.#takeFrom(this.#again, this.#count), ...this.#takeFrom(this.#waiting, this.#count)];
    this.#idleWhenDone();
    return items;
  }

  /** The carrier has a unit free that it had not. */
  freed(): void {
    this.#saturated = false;
    this.#dispatch(false);
  }

  /** A unit is back. */
  returned(): void {
    this.#running--;
    this.freed();
    this.#idleWhenDone();
  }

  /** From now on nothing lingers. */
  flush(): void {
    this.#flushing = true;
    this.#dispatch(true);
  }

  /** Resolves when nothing waits and nothing is out. */
  async idle(): Promise<void> {
    while (this.#running > 0 || this.#count > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** @param partFilled a unit that is not full may leave as well: the turn is over */
  #dispatch(partFilled: boolean): void {
    const { carrier } = this.#options;
    while (this.#count > 0 && this.#running < this.#limit && !this.#saturated) {
      const alone = this.#again.after !== this.#again;
      if (!alone && this.#count < this.#size) {
        if (!partFilled) return this.#atEndOfTurn();
        if (this.#lingers()) return;
      }
      const unit = carrier.free();
      if (unit === undefined) {
        this.#saturated = true;
        return;
      }
      this.#running++;
      carrier.send(unit, alone ? this.#takeFrom(this.#again, 1) : this.#takeFrom(this.#waiting, this.#size));
    }
  }

  #atEndOfTurn(): void {
    if (this.#endOfTurnSet) return;
    this.#endOfTurnSet = true;
    // Not a microtask: those run between any two callbacks, and each would find one item.
    setImmediate(this.#turnEnded);
  }

  readonly #turnEnded = (): void => {
    this.#endOfTurnSet = false;
    this.#dispatch(true);
  };

  /** True while the oldest item may still wait for others; the queue is then looked at again in time. */
  #lingers(): boolean {
    if (this.#flushing || this.#lingerMs <= 0) return false;
    const dueMs = (this.#waiting.after as T).offeredMs + this.#lingerMs;
    const nowMs = this.#options.clock.now();
    if (dueMs <= nowMs) return false;
    this.#wakeAt(dueMs, nowMs);
    return true;
  }

  /** Sleeps anew only when something is due earlier, as after a lowered linger; no sleep is taken back. */
  #wakeAt(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = dueMs;
    // An item that lingers is work: the process must not end under it.
    void this.#options.timers.sleep(dueMs - nowMs, { keepAlive: true }).then(() => {
      if (this.#wakeAtMs === dueMs) this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#dispatch(true);
    });
  }

  #mostWaiting(): number {
    const { carrier, maxWaiting } = this.#options;
    return maxWaiting + Math.max(0, Math.min(this.#limit - this.#running, carrier.freeCount())) * this.#size;
  }

  #idleWhenDone(): void {
    if (this.#running > 0 || this.#count > 0) return;
    const waiters = this.#onIdle;
    this.#onIdle = [];
    for (const waiter of waiters) waiter();
  }

  #append(list: Queued, item: T): void {
    const last = list.before as Queued;
    item.before = last;
    item.after = list;
    last.after = item;
    list.before = item;
    this.#count++;
  }

  #unlink(item: Queued): void {
    const { before, after } = item as { before: Queued; after: Queued };
    before.after = after;
    after.before = before;
    item.before = null;
    item.after = null;
    this.#count--;
  }

  #takeFrom(list: Queued, most: number): T[] {
    const items: T[] = [];
    let item = list.after as Queued;
    while (item !== list && items.length < most) {
      const next = item.after as Queued;
      item.before = null;
      item.after = null;
      items.push(item as T);
      item = next;
    }
    list.after = item;
    item.before = list;
    this.#count -= items.length;
    return items;
  }
}

/** Both ends of a list of items; the list is a ring through it. */
function emptyList(): Queued {
  const ends: Queued = { offeredMs: Number.NaN, before: null, after: null };
  ends.before = ends;
  ends.after = ends;
  return ends;
}

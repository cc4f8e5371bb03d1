/**
 * A gate with an optional batcher behind it: first come, first dispatched, at most `limit` units of
 * dispatch out at once, each of at most `size` items, a part-filled one only once its oldest item
 * has waited `lingerMs`. With limit ∞ and size 1 it is transparent: `offer` dispatches before it
 * returns. All three settings may be changed at any time; what is already out is never taken back.
 *
 *   offer ──▶ waiting (FIFO) ──pump──▶ dispatch(items) ── returned ──▶ pump …
 */
import type { Timers } from '../foundation/clock.ts';

export interface DispatchQueueOptions<T> {
  /** Units out at once: integer ≥ 1 or Infinity. */
  readonly limit: number;
  /** Items a unit: integer ≥ 1. */
  readonly size: number;
  readonly lingerMs: number;
  /** Items that may wait while the gate is shut; asked at each offer. */
  readonly maxWaiting: () => number;
  readonly now: () => number;
  readonly timers: Timers;
  /** Does the work; resolves when the unit is back, and never rejects. `length` ≥ 1. */
  readonly dispatch: (items: T[]) => Promise<void>;
  /** A unit went out or came back. */
  readonly moved?: (running: number) => void;
}

export class DispatchQueue<T extends { readonly offeredMs: number }> {
  readonly #options: DispatchQueueOptions<T>;
  readonly #waiting = new Set<T>();
  #limit: number;
  #size: number;
  #lingerMs: number;
  #running = 0;
  #flushing = false;
  /** When the earliest sleep ends. */
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #pumpQueued = false;
  #onIdle: (() => void)[] = [];

  constructor(options: DispatchQueueOptions<T>) {
    this.#options = options;
    this.#limit = options.limit;
    this.#size = options.size;
    this.#lingerMs = options.lingerMs;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(value: number) {
    this.#limit = value;
    this.#pump();
  }

  get size(): number {
    return this.#size;
  }

  set size(value: number) {
    this.#size = value;
    this.#pump();
  }

  get lingerMs(): number {
    return this.#lingerMs;
  }

  set lingerMs(value: number) {
    this.#lingerMs = value;
    this.#pump();
  }

  /** Units of dispatch that are out. */
  get running(): number {
    return this.#running;
  }

  /** False: the gate is shut and as many wait as may. */
  offer(item: T): boolean {
    if (this.#running >= this.#limit && this.#waiting.size >= this.#options.maxWaiting()) return false;
    this.#waiting.add(item);
    if (this.#size === 1 || this.#waiting.size >= this.#size) this.#pump();
    else this.#pumpSoon();
    return true;
  }

  /** Takes an item back that still waits. */
  remove(item: T): boolean {
    return this.#waiting.delete(item);
  }

  /** From now on nothing lingers. */
  flush(): void {
    this.#flushing = true;
    this.#pump();
  }

  /** Resolves when nothing waits and nothing is out. */
  async idle(): Promise<void> {
    while (this.#running > 0 || this.#waiting.size > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  /** What one turn of the event loop brings fills one unit, also where lingerMs is 0. */
  #pumpSoon(): void {
    if (this.#pumpQueued) return;
    this.#pumpQueued = true;
    // Not a microtask: those run between any two callbacks, and each would find one item.
    setImmediate(() => {
      this.#pumpQueued = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#waiting.size > 0 && this.#running < this.#limit) {
      if (this.#lingers()) return;
      this.#send(this.#take());
    }
  }

  /** True while the oldest item may still wait for others; the queue is then looked at again in time. */
  #lingers(): boolean {
    if (this.#flushing || this.#lingerMs <= 0 || this.#waiting.size >= this.#size) return false;
    const [oldest] = this.#waiting;
    if (oldest === undefined) return false;
    const dueMs = oldest.offeredMs + this.#lingerMs;
    const nowMs = this.#options.now();
    if (dueMs <= nowMs) return false;
    this.#wakeAt(dueMs, nowMs);
    return true;
  }

  #take(): T[] {
    const items: T[] = [];
    for (const item of this.#waiting) {
      if (items.length >= this.#size) break;
      items.push(item);
      this.#waiting.delete(item);
    }
    return items;
  }

  #send(items: T[]): void {
    this.#running++;
    this.#options.moved?.(this.#running);
    void this.#options.dispatch(items).then(() => {
      this.#running--;
      this.#options.moved?.(this.#running);
      this.#pump();
      if (this.#running > 0 || this.#waiting.size > 0) return;
      const waiters = this.#onIdle;
      this.#onIdle = [];
      for (const waiter of waiters) waiter();
    });
  }

  /** Sleeps anew only when something is due earlier, as after a lowered linger; no sleep is taken back. */
  #wakeAt(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = dueMs;
    // A call that lingers is work: the process must not end under it.
    void this.#options.timers.sleep(dueMs - nowMs, { keepAlive: true }).then(() => {
      if (this.#wakeAtMs === dueMs) this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#pump();
    });
  }
}

/**
 * Moments at which something is due, for any number of things over one sleep.
 *
 *   set(alarm, dueMs) ─▶ heap by due time ─▶ sleep until the earliest ─▶ alarm.ring()
 *   clear(alarm)      ─▶ out of the heap
 *
 * An alarm is a place in the heap as well as what is to be done, so setting and clearing one allocates
 * nothing and takes O(log n). The sleep keeps the process alive, because what is due ends a call that
 * somebody waits for. Where nothing is due any more, the sleep ends with the turn of the event loop: in
 * that turn the next call often needs it again.
 */
import type { Clock, Timers } from './clock.ts';
import { afterTurn } from './turns.ts';

export interface Alarm {
  /** When it is due, on the clock. Only `Alarms` writes this and `place`. */
  dueMs: number;
  /** Where it stands in the heap; −1 while it is not set. */
  place: number;
  /** Called once it is due, when it is no longer set. Never throws. */
  ring(): void;
}

export class Alarms {
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** The earliest first; that at i is due no later than those at 2i + 1 and 2i + 2. */
  readonly #heap: Alarm[] = [];
  #sleep: AbortController | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #endsWithTurn = false;

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }) {
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Now, on the clock of the alarms. */
  get nowMs(): number {
    return this.#clock.now();
  }

  /** The alarm is due at `dueMs` from now on, whether it was set or not. */
  set(alarm: Alarm, dueMs: number): void {
    if (alarm.place < 0) alarm.place = this.#heap.push(alarm) - 1;
    alarm.dueMs = dueMs;
    this.#settle(alarm);
    if (dueMs < this.#wakeAtMs) this.#sleepUntil(dueMs);
  }

  clear(alarm: Alarm): void {
    if (alarm.place < 0) return;
    this.#remove(alarm);
    if (this.#heap.length > 0 || this.#endsWithTurn) return;
    this.#endsWithTurn = true;
    afterTurn(() => {
      this.#endsWithTurn = false;
      if (this.#heap.length === 0) this.#endSleep();
    });
  }

  #sleepUntil(dueMs: number): void {
    this.#endSleep();
    const sleep = new AbortController();
    this.#sleep = sleep;
    this.#wakeAtMs = dueMs;
    const ms = Math.max(1, Math.ceil(dueMs - this.#clock.now()));
    void this.#timers.sleep(ms, { keepAlive: true, signal: sleep.signal }).then(
      () => {
        if (this.#sleep === sleep) this.#wake();
      },
      (error: unknown) => {
        if (!sleep.signal.aborted) throw error;
      },
    );
  }

  #endSleep(): void {
    this.#sleep?.abort();
    this.#sleep = undefined;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
  }

  #wake(): void {
    this.#sleep = undefined;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.now();
    for (let [first] = this.#heap; first && first.dueMs <= nowMs; [first] = this.#heap) {
      this.#remove(first);
      first.ring();
    }
    const [next] = this.#heap;
    if (next && next.dueMs < this.#wakeAtMs) this.#sleepUntil(next.dueMs);
  }

  #remove(alarm: Alarm): void {
    const last = this.#heap.pop() as Alarm;
    if (last !== alarm) {
      last.place = alarm.place;
      this.#settle(last);
    }
    alarm.place = -1;
  }

  /** Moves an alarm up or down to where it belongs. */
  #settle(alarm: Alarm): void {
    const heap = this.#heap;
    let at = alarm.place;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((heap[above] as Alarm).dueMs <= alarm.dueMs) break;
      at = this.#put(heap[above] as Alarm, at, above);
    }
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as Alarm).dueMs < (heap[below] as Alarm).dueMs) below++;
      if ((heap[below] as Alarm).dueMs >= alarm.dueMs) break;
      at = this.#put(heap[below] as Alarm, at, below);
    }
    this.#put(alarm, at, at);
  }

  /** @returns `next` */
  #put(alarm: Alarm, at: number, next: number): number {
    this.#heap[at] = alarm;
    alarm.place = at;
    return next;
  }
}

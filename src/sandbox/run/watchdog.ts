/**
 * Holds every running call to its deadline, and ends one that runs on though its caller has given it up.
 * One timer for all workers: what is dispatched under the common deadline after it was set cannot be due
 * before it fires, so it is set once per deadline, not once per batch. A call with a shorter deadline of
 * its own, or one given up, makes it fire earlier.
 *
 *   watch() ─▶ sleep ─▶ for each busy unit: how long may its call still run? ─▶ no longer: condemn it
 *                                                                           └▶ sleep until the next is due
 */
import type { Clock, Timers } from '../../foundation/clock.ts';
import { condemned, elapsedMs, ints, ticksOf } from './protocol.ts';

export interface Watched {
  /** Integers of the slot of the batch that is out; undefined when none is. */
  busySlot(): Int32Array | undefined;
  /** Calls in that batch. */
  readonly batchCalls: number;
  /**
   * How much longer call `index` of that batch may run, ms. @defaultValue deadlineMs − elapsedMs
   * @param elapsedMs how long it has run
   */
  leftMs?(index: number, elapsedMs: number, nowMs: number, deadlineMs: number): number;
  /** The shortest deadline of a call of that batch: the next one may be due so long after it begins. @defaultValue deadlineMs */
  readonly shortestMs?: number;
}

export interface WatchdogOptions<U extends Watched> {
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly units: () => Iterable<U>;
  /** Call `index` of the batch this unit has out has overrun and can no longer finish: end the unit. */
  readonly overran: (unit: U, index: number) => void;
}

export class Watchdog<U extends Watched> {
  readonly #options: WatchdogOptions<U>;
  readonly #stopped = new AbortController();
  /** True when a check is due within the common deadline, or there is none: `watch()` then does nothing. */
  isSet: boolean;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(options: WatchdogOptions<U>) {
    this.#options = options;
    this.isSet = options.deadlineMs === Infinity;
  }

  /** Something was dispatched. O(1). */
  watch(): void {
    if (!this.isSet) this.within(this.#options.deadlineMs);
  }

  /** A call may be due in so many milliseconds. O(1) */
  within(ms: number): void {
    const { deadlineMs, clock } = this.#options;
    if (ms <= deadlineMs) this.isSet = true;
    const sleepMs = Math.max(1, Math.ceil(ms));
    const wakeAtMs = clock.now() + sleepMs;
    if (wakeAtMs < this.#wakeAtMs) this.#sleep(sleepMs, wakeAtMs);
  }

  /**
   * Ends the sleep, if there is one, which would keep the units' memory until its end. Called when
   * there are no calls any more.
   */
  stop(): void {
    this.#stopped.abort();
  }

  #sleep(ms: number, wakeAtMs: number): void {
    this.#wakeAtMs = wakeAtMs;
    const { signal } = this.#stopped;
    void this.#options.timers.sleep(ms, { signal }).then(
      () => {
        // Otherwise an earlier sleep has taken its place.
        if (this.#wakeAtMs !== wakeAtMs) return;
        this.#wakeAtMs = Number.POSITIVE_INFINITY;
        this.isSet = this.#options.deadlineMs === Infinity;
        this.#check();
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  #check(): void {
    const { deadlineMs, clock, units, overran } = this.#options;
    const nowMs = clock.now();
    let nextMs = Infinity;
    for (const unit of units()) {
      const slot = unit.busySlot();
      if (!slot) continue;
      // `running` is read first: if it moves on in between, the swap below fails.
      const running = Atomics.load(slot, ints.running);
      const inGuest = running >= 0 && running < unit.batchCalls;
      const elapsed = !inGuest ? 0 : elapsedMs(Atomics.load(slot, ints.startedTicks), ticksOf(nowMs));
      const index = inGuest ? running : 0;
      const leftMs = unit.leftMs?.(index, elapsed, nowMs, deadlineMs) ?? deadlineMs - elapsed;
      if (!inGuest || leftMs > 0) {
        nextMs = Math.min(nextMs, leftMs, unit.shortestMs ?? deadlineMs);
      } else if (Atomics.compareExchange(slot, ints.running, running, condemned(running)) === running) {
        overran(unit, running);
      } else {
        // It has just ended, and another call runs, which is looked at anew.
        nextMs = 1;
      }
    }
    if (nextMs !== Infinity) this.within(nextMs);
  }
}

/**
 * Holds every running call to the deadline. One timer for all workers: whatever is dispatched after
 * it was set cannot be due before it fires, so it is set once per deadline, not once per batch.
 *
 *   watch() ─▶ sleep ─▶ for each busy lane: since when does its call run? ─▶ overran? condemn it
 *                                                                        └▶ sleep until the next is due
 */
import type { Clock, Timers } from '../../foundation/clock.ts';
import { condemned, elapsedMs, ints, ticksOf } from './protocol.ts';

export interface Watched {
  /** Integers of the slot of the batch that is out; undefined when none is. */
  busySlot(): Int32Array | undefined;
  /** Calls in that batch. */
  readonly batchCalls: number;
  /** Call `index` of that batch has overrun and can no longer finish: end the worker. */
  overran(index: number): void;
}

export interface WatchdogOptions {
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly lanes: () => Iterable<Watched>;
}

export class Watchdog {
  readonly #options: WatchdogOptions;
  #set = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Something was dispatched. O(1). */
  watch(): void {
    if (!this.#set && this.#options.deadlineMs !== Infinity) this.#sleep(this.#options.deadlineMs);
  }

  #sleep(ms: number): void {
    this.#set = true;
    void this.#options.timers.sleep(Math.max(1, Math.ceil(ms))).then(() => {
      this.#set = false;
      this.#check();
    });
  }

  #check(): void {
    const { deadlineMs, clock, lanes } = this.#options;
    const now = ticksOf(clock.now());
    let nextMs = Infinity;
    for (const lane of lanes()) {
      const slot = lane.busySlot();
      if (!slot) continue;
      // `running` is read first: if it moves on in between, the swap below fails.
      const running = Atomics.load(slot, ints.running);
      const inGuest = running >= 0 && running < lane.batchCalls;
      const elapsed = !inGuest ? 0 : elapsedMs(Atomics.load(slot, ints.startedTicks), now);
      if (elapsed < deadlineMs) {
        nextMs = Math.min(nextMs, deadlineMs - elapsed);
      } else if (Atomics.compareExchange(slot, ints.running, running, condemned(running)) === running) {
        lane.overran(running);
      } else {
        nextMs = Math.min(nextMs, deadlineMs);
      }
    }
    if (nextMs !== Infinity) this.#sleep(nextMs);
  }
}

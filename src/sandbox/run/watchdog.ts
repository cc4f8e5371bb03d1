/**
 * Holds every running call to the deadline. One timer for all workers: whatever is dispatched after
 * it was set cannot be due before it fires, so it is set once per deadline, not once per batch.
 *
 *   watch() ─▶ sleep ─▶ for each busy unit: since when does its call run? ─▶ overran? condemn it
 *                                                                        └▶ sleep until the next is due
 */
import type { Clock, Timers } from '../../foundation/clock.ts';
import { condemned, elapsedMs, ints, ticksOf } from './protocol.ts';

export interface Watched {
  /** Integers of the slot of the batch that is out; undefined when none is. */
  busySlot(): Int32Array | undefined;
  /** Calls in that batch. */
  readonly batchCalls: number;
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
  /** True when a check is due already or none is ever needed: `watch()` then does nothing. */
  isSet: boolean;

  constructor(options: WatchdogOptions<U>) {
    this.#options = options;
    this.isSet = options.deadlineMs === Infinity;
  }

  /** Something was dispatched. O(1). */
  watch(): void {
    if (!this.isSet) this.#sleep(this.#options.deadlineMs);
  }

  /**
   * Ends the sleep, if there is one, which would keep the units' memory until its end. Called when
   * there are no calls any more.
   */
  stop(): void {
    this.#stopped.abort();
  }

  #sleep(ms: number): void {
    this.isSet = true;
    const { signal } = this.#stopped;
    void this.#options.timers.sleep(Math.max(1, Math.ceil(ms)), { signal }).then(
      () => {
        this.isSet = false;
        this.#check();
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  #check(): void {
    const { deadlineMs, clock, units, overran } = this.#options;
    const now = ticksOf(clock.now());
    let nextMs = Infinity;
    for (const unit of units()) {
      const slot = unit.busySlot();
      if (!slot) continue;
      // `running` is read first: if it moves on in between, the swap below fails.
      const running = Atomics.load(slot, ints.running);
      const inGuest = running >= 0 && running < unit.batchCalls;
      const elapsed = !inGuest ? 0 : elapsedMs(Atomics.load(slot, ints.startedTicks), now);
      if (elapsed < deadlineMs) {
        nextMs = Math.min(nextMs, deadlineMs - elapsed);
      } else if (Atomics.compareExchange(slot, ints.running, running, condemned(running)) === running) {
        overran(unit, running);
      } else {
        nextMs = Math.min(nextMs, deadlineMs);
      }
    }
    if (nextMs !== Infinity) this.#sleep(nextMs);
  }
}

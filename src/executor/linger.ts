/**
 * Holds a part-filled dispatch back until its oldest call has waited long enough for others. One sleep is
 * enough: that for the moment that comes first, after which the queue asks again.
 */
import type { Clock, Timers } from '../foundation/clock.ts';

export class Linger {
  readonly #surroundings: { readonly clock: Clock; readonly timers: Timers };
  readonly #due: () => void;
  /** Aborted by `flush()`, after which no call lingers. */
  readonly #flushed = new AbortController();
  /** When the earliest sleep ends. */
  #wakeAtMs = Number.POSITIVE_INFINITY;

  /** @param due called when a call may wait no longer */
  constructor(surroundings: { readonly clock: Clock; readonly timers: Timers }, due: () => void) {
    this.#surroundings = surroundings;
    this.#due = due;
  }

  /** True while a call may wait that may do so until `dueMs`; what is due is told of then. */
  holds(dueMs: number): boolean {
    if (this.#flushed.signal.aborted) return false;
    const nowMs = this.#surroundings.clock.now();
    if (dueMs <= nowMs) return false;
    this.#wakeAt(dueMs, nowMs);
    return true;
  }

  /** From now on no call lingers. */
  flush(): void {
    this.#flushed.abort();
  }

  /**
   * Begins a sleep when a call is due before the earliest sleep ends, as after a lowered linger. Only a
   * flush ends a sleep early.
   */
  #wakeAt(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = dueMs;
    const { signal } = this.#flushed;
    // A call that lingers is work: the process must not end under it.
    const slept = this.#surroundings.timers.sleep(dueMs - nowMs, { keepAlive: true, signal });
    void slept.then(
      () => {
        if (this.#wakeAtMs === dueMs) this.#wakeAtMs = Number.POSITIVE_INFINITY;
        this.#due();
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }
}

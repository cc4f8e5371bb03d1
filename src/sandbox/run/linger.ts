/**
 * Says when a batch that is not full has waited long enough. One sleep is out at a time, set anew
 * only when something is due earlier; whoever is woken looks again, so a sleep is never taken back.
 */
import type { Timers } from '../../foundation/clock.ts';

export class Linger {
  readonly #timers: Timers;
  readonly #look: () => void;
  #dueMs = Infinity;

  /** @param look called at each time set */
  constructor(timers: Timers, look: () => void) {
    this.#timers = timers;
    this.#look = look;
  }

  /** True while `nowMs` is before `dueMs`; `look` is then called at `dueMs` or before. */
  waits(dueMs: number, nowMs: number): boolean {
    if (dueMs <= nowMs) return false;
    if (dueMs < this.#dueMs) {
      this.#dueMs = dueMs;
      // Calls are waiting: the process must not end before they are sent.
      void this.#timers.sleep(dueMs - nowMs, { keepAlive: true }).then(() => {
        if (this.#dueMs === dueMs) this.#dueMs = Infinity;
        this.#look();
      });
    }
    return true;
  }
}

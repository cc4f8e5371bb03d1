/** Integrates how many workers have something to do: the sum over workers of their busy time. */
import type { Clock } from '../foundation/clock.ts';

export class BusyTime {
  readonly #clock: Clock;
  #busy = 0;
  #sinceMs: number;
  #totalMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.now();
  }

  /** From now on `busy` workers are. O(1), no allocation. */
  set(busy: number): void {
    if (busy === this.#busy) return;
    this.#totalMs = this.read();
    this.#sinceMs = this.#clock.now();
    this.#busy = busy;
  }

  /** Worker milliseconds up to now. */
  read(): number {
    return this.#totalMs + this.#busy * (this.#clock.now() - this.#sinceMs);
  }
}

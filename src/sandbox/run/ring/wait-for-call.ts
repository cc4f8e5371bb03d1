/**
 * How long a worker that has run out of calls looks for the next one before it sleeps. To be woken costs
 * it and its host more than a short look, but only where the next call is about to come: so it looks for
 * `shortMs` as long as that has lately paid, and where it has not, once in `tryEvery` times, to see whether
 * it would again. On top of that comes what the sandbox is told to spend (`spinUs`), found or not.
 */
import type { Clock } from '../../../foundation/clock.ts';

/** About what a wake-up costs the two sides, and the time the host takes to read what it is to answer, ms. */
const shortMs = 0.02;
/** Looks in vain after which it gives up looking. */
const mostCredit = 4;
const tryEvery = 32;
/** Looks between two readings of the clock. */
const looksAReading = 16;

export class WaitForCall {
  readonly #clock: Pick<Clock, 'now'>;
  #credit = mostCredit;
  #sinceTry = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /**
   * True when there is something before it is time to sleep.
   * @param spinMs how long to look at least
   */
  finds(ring: { readonly isEmpty: boolean }, spinMs: number): boolean {
    const forMs = this.#lookMs(spinMs);
    if (forMs === 0) return false;
    const sinceMs = this.#clock.now();
    let lookedMs = 0;
    do {
      for (let i = 0; i < looksAReading; i++) {
        if (ring.isEmpty) continue;
        this.#looked(lookedMs);
        return true;
      }
      lookedMs = this.#clock.now() - sinceMs;
    } while (lookedMs < forMs);
    this.#looked(Number.POSITIVE_INFINITY);
    return false;
  }

  #lookMs(spinMs: number): number {
    if (spinMs >= shortMs || this.#credit > 0) return Math.max(spinMs, shortMs);
    if (++this.#sinceTry < tryEvery) return spinMs;
    this.#sinceTry = 0;
    return shortMs;
  }

  #looked(afterMs: number): void {
    if (afterMs <= shortMs) this.#credit = mostCredit;
    else if (this.#credit > 0) this.#credit--;
  }
}

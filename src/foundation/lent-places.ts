/**
 * Calls that a call makes of its own executor while it runs, where a limit lets in only so many. Such a
 * call would wait for a place that its caller has, and its caller for it: for ever, once all places are
 * had by callers. So a call that runs lends its place to one of its own calls at a time.
 *
 *   call A runs ──▶ run(B), run(C) ──▶ the gate is shut ──▶ A lends to B ── B is back ──▶ A lends to C ──▶ …
 *
 * At any time no more calls work than the limit says, since a lender that awaits its own call does not.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Linked } from './ring.ts';

interface Place<C> {
  isLent: boolean;
  isOver: boolean;
  /** Calls of the holder that wait until the place is lent to them, unless they leave the queue before. */
  readonly waiting: C[];
}

export class LentPlaces<C extends Linked> {
  readonly #held = new AsyncLocalStorage<Place<C>>();
  readonly #borrowed = new WeakMap<C, Place<C>>();
  readonly #pass: (call: C) => void;

  /** @param pass takes a call that waits out of the queue and sends it beside the limit */
  constructor(pass: (call: C) => void) {
    this.#pass = pass;
  }

  /** Runs the work of a call, or of several that go out together, which has a place while it lasts. */
  async within<T>(call: C, work: () => T | Promise<T>): Promise<T> {
    const place: Place<C> = { isLent: false, isOver: false, waiting: [] };
    try {
      return await this.#held.run(place, work);
    } finally {
      place.isOver = true;
      this.#giveBack(call);
    }
  }

  /** A call has to wait. Where a call that runs has made it, that call lends its place. */
  waits(call: C): void {
    const place = this.#held.getStore();
    if (!place || place.isOver) return;
    if (place.isLent) place.waiting.push(call);
    else this.#lend(place, call);
  }

  #lend(place: Place<C>, call: C): void {
    place.isLent = true;
    this.#borrowed.set(call, place);
    this.#pass(call);
  }

  #giveBack(call: C): void {
    const place = this.#borrowed.get(call);
    if (!place) return;
    this.#borrowed.delete(call);
    place.isLent = false;
    if (place.isOver) return;
    const next = place.waiting.findIndex(({ after }) => after !== null);
    const [borrower] = next < 0 ? [] : place.waiting.splice(0, next + 1).slice(-1);
    if (borrower) this.#lend(place, borrower);
  }
}

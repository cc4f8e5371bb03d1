/**
 * Things that come in order, are done in any order, and leave in order: a reorder buffer. It holds as many as
 * are between the first that is not done and the last that is; who fills it bounds that. What is taken out
 * of it leaves no trace, however many stand behind one that is not done.
 *
 *   push ─▶ [open, done, open, done, done] ─▶ done(place) ─▶ what stands before the first open one leaves
 */
import { type Linked, Ring, unlink } from '../../foundation/ring.ts';

export class OrderPlace<T> implements Linked {
  before: Linked | null = null;
  after: Linked | null = null;
  isDone = false;
  readonly item: T;

  constructor(item: T) {
    this.item = item;
  }
}

export class InOrder<T> {
  readonly #ring = new Ring<OrderPlace<T>>();

  /** The first that has not left; undefined where all have. */
  get first(): T | undefined {
    return this.#ring.first?.item;
  }

  /** @returns its place, by which it is told as done */
  push(item: T): OrderPlace<T> {
    const place = new OrderPlace(item);
    this.#ring.append(place);
    return place;
  }

  /** @param leaves called in order for each that leaves now; may push, must not call `done` or `remove` */
  done(place: OrderPlace<T>, leaves: (item: T) => void): void {
    place.isDone = true;
    this.#leave(leaves);
  }

  /** It is out, at once and wherever it stands; those behind it may leave. @param leaves as for `done`; not called for it */
  remove(place: OrderPlace<T>, leaves: (item: T) => void): void {
    unlink(place);
    this.#leave(leaves);
  }

  #leave(leaves: (item: T) => void): void {
    for (let { first } = this.#ring; first?.isDone; { first } = this.#ring) {
      unlink(first);
      leaves(first.item);
    }
  }
}

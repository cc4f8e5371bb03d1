/**
 * The calls in flight, in the order they were offered: links of one ring, so that each comes and goes in O(1).
 * A call may be in the ring of those that wait at the same time (foundation/ring.ts), and so has two places. One
 * class for both would look its links up by names that it was given, for each call, or take an object for each.
 */

/** The place of a call among those in flight: its neighbours, null while it is not. Only `InFlightCalls` writes them. */
export interface InFlightLinks {
  older: InFlightLinks | null;
  newer: InFlightLinks | null;
}

export class InFlightCalls implements Iterable<InFlightLinks> {
  readonly #ends: InFlightLinks = { older: null, newer: null };

  constructor() {
    this.#ends.older = this.#ends;
    this.#ends.newer = this.#ends;
  }

  offered(call: InFlightLinks): void {
    const ends = this.#ends;
    const newest = ends.older as InFlightLinks;
    call.older = newest;
    call.newer = ends;
    newest.newer = call;
    ends.older = call;
  }

  settled(call: InFlightLinks): void {
    const { older, newer } = call as { older: InFlightLinks; newer: InFlightLinks };
    older.newer = newer;
    newer.older = older;
    call.older = null;
    call.newer = null;
  }

  /** The oldest first. A call that is settled meanwhile must not be the one that was given last. */
  *[Symbol.iterator](): Iterator<InFlightLinks> {
    for (let call = this.#ends.newer as InFlightLinks; call !== this.#ends; call = call.newer as InFlightLinks)
      yield call;
  }
}

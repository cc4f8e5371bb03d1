/**
 * How many calls at once an executor takes from a stage, as far as is known. Others may fill its queue, for long or for
 * a moment, so a call that it refuses lowers this to those that it has, and calls that end raise it again:
 *
 *   refused ─▶ what it has ─ as many calls end ─▶ one more ─▶ one more with each that ends, until it refuses again
 *
 * One that is always full refuses one call in as many as it takes at once; one that has room again has all of it after a
 * few rounds, since each doubles it.
 */
export class ExecutorRoom {
  #most = Number.POSITIVE_INFINITY;
  /** Calls that have ended since the last that was refused, and how many make a round. */
  #ended = 0;
  #round = 1;

  /** Calls at once. */
  get most(): number {
    return this.#most;
  }

  /** A call that the executor took has ended, well or not. */
  ended(): void {
    this.#ended++;
    // Not sooner: one that is full would refuse a call for each that ends.
    if (this.#ended >= this.#round) this.#most++;
  }

  /** @param has calls that it has not refused */
  refused(has: number): void {
    this.#most = has;
    this.#round = Math.max(1, has);
    this.#ended = 0;
  }

  /** Some time after it refused one: at least one call is asked for, though none is left whose end would raise it. */
  asksAgain(): void {
    this.#most = Math.max(1, this.#most);
  }
}

/**
 * Reserves amounts of a resource (threads, places in a cache): a trial reserves what both its arms
 * need, a move what its new value needs before it is made. There may be many reservations at once, and
 * the largest counts.
 */
export class Reservations {
  readonly #levels: number[] = [];
  readonly #provide: () => void;
  readonly #ready: ((level: number) => Promise<void>) | undefined;

  /**
   * @param provide called when what `atLeast` gives has changed; begins to start what is missing and
   *   lets go of any surplus
   * @param ready resolves when `level` of the resource is there; rejects when that cannot be
   */
  constructor(provide: () => void, ready?: (level: number) => Promise<void>) {
    this.#provide = provide;
    this.#ready = ready;
  }

  /** The largest of `value` and what is reserved. */
  atLeast(value: number): number {
    return Math.max(value, ...this.#levels);
  }

  /**
   * Resolves when `level` is there, with a function that releases it. Rejects, with nothing reserved,
   * when it cannot be provided.
   */
  async reserve(level: number): Promise<() => void> {
    this.#levels.push(level);
    let isReserved = true;
    const release = () => {
      if (!isReserved) return;
      isReserved = false;
      this.#levels.splice(this.#levels.indexOf(level), 1);
      this.#provide();
    };
    try {
      this.#provide();
      await this.#ready?.(level);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }
}

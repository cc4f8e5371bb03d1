/**
 * How much of a resource (threads, places in a cache) must be there beyond what is in use: trials
 * reserve what both their arms need, and a move what it moves to, before it does. Many may do so at
 * once; the largest counts.
 */
export class Reservations {
  readonly #levels: number[] = [];
  readonly #provide: () => void;
  readonly #ready: ((level: number) => Promise<void>) | undefined;

  /**
   * @param provide what must be there has changed (see `atLeast`): begin to start what is missing, let go what is too much
   * @param ready resolves when so much is there; rejects when it cannot be
   */
  constructor(provide: () => void, ready?: (level: number) => Promise<void>) {
    this.#provide = provide;
    this.#ready = ready;
  }

  /** The largest of `value` and what is reserved. */
  atLeast(value: number): number {
    return Math.max(value, ...this.#levels);
  }

  /** Resolves when `level` is there, with the way to let it go; rejects, with nothing reserved, when it cannot be. */
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

/**
 * Waiting for something to become true. Code that changes what others wait for calls `notify()`; the
 * condition of each waiter is then evaluated again.
 */

interface Waiting {
  readonly reached: () => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class Condition {
  #waiting: Waiting[] = [];

  /** True while there is a waiter. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Resolves once `reached()` is true; it is called now and at each `notify()`.
   * @throws the error of a `refuse()` meanwhile
   */
  until(reached: () => boolean): Promise<void> {
    if (reached()) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ reached, resolve, reject }));
  }

  /** Resolves the waiters whose condition is true now. O(1) while there is none. */
  notify(): void {
    if (this.#waiting.length === 0) return;
    const reached = new Set(this.#waiting.filter((one) => one.reached()));
    this.#waiting = this.#waiting.filter((one) => !reached.has(one));
    for (const { resolve } of reached) resolve();
  }

  /** Rejects all waiters with `error`; later ones wait as before. */
  refuse(error: unknown): void {
    const refused = this.#waiting;
    this.#waiting = [];
    for (const { reject } of refused) reject(error);
  }
}

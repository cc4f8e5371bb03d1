/**
 * Waiting for something to become true. Whoever changes what the others wait for says so; each
 * waiting one then looks whether its own condition holds.
 */

interface Waiting {
  readonly reached: () => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class Condition {
  #waiting: Waiting[] = [];

  /** Is anybody waiting? */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves once `reached()`: it is asked now, and after each `notify()`. @throws what `refuse` is given meanwhile */
  until(reached: () => boolean): Promise<void> {
    if (reached()) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ reached, resolve, reject }));
  }

  /** Something changed. O(1) while nobody waits. */
  notify(): void {
    if (this.#waiting.length === 0) return;
    const reached = new Set(this.#waiting.filter((one) => one.reached()));
    this.#waiting = this.#waiting.filter((one) => !reached.has(one));
    for (const { resolve } of reached) resolve();
  }

  /** Whoever waits now waits in vain. */
  refuse(error: unknown): void {
    const refused = this.#waiting;
    this.#waiting = [];
    for (const { reject } of refused) reject(error);
  }
}

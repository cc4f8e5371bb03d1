/**
 * Aborts one call in a pool, as an AbortController would. But what hears of it may throw: the queues of
 * piscina do where they do not hold the call, and so may a queue of the user's. Of a real signal that would end
 * the process; the pool drops the call all the same.
 */
export class CallStop {
  aborted = false;
  reason: unknown = undefined;
  #listener: (() => void) | null = null;

  /** What the pool is given. */
  get signal(): AbortSignal {
    return this as unknown as AbortSignal;
  }

  abort(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    try {
      this.#listener?.();
    } catch {
      // It has nothing to do with the call.
    }
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = null;
  }
}

/** The callers of `settled()`, who wait until nothing is worth a trial for now, or the tuner has ended. */
export class SettledWaiters {
  #waiting: PromiseWithResolvers<void>[] = [];

  add(): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  /** Settles every promise that waits. @param failure the error that ended the tuner early; null when there is none */
  wake(failure: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) {
      if (failure === null) waiter.resolve();
      else waiter.reject(failure);
    }
  }
}

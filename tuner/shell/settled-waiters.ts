/** Who waits until nothing is worth trying for now, or the tuner has ended. */
export class SettledWaiters {
  #waiting: PromiseWithResolvers<void>[] = [];

  add(): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  /** @param failure what ended the tuner early; null when all is well */
  wake(failure: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) {
      if (failure === null) waiter.resolve();
      else waiter.reject(failure);
    }
  }
}

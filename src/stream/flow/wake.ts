/** Lets a loop sleep until something has changed. What is told while it is awake is not lost: it looks again. */
export class Wake {
  #isTold = false;
  #sleeper: (() => void) | undefined;

  /** Something has changed. O(1) */
  tell(): void {
    this.#isTold = true;
    const sleeper = this.#sleeper;
    this.#sleeper = undefined;
    sleeper?.();
  }

  /** Resolves when something has changed since the last call. For one loop at a time. */
  async changed(): Promise<void> {
    if (!this.#isTold)
      await new Promise<void>((resolve) => {
        this.#sleeper = resolve;
      });
    this.#isTold = false;
  }
}

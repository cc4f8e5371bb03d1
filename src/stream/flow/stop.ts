/**
 * The end of a run that did not come by itself: an error or an abort, whichever is first. What waits for
 * foreign code waits through `or()`, which ends with the run, and leaves nothing behind on a promise that
 * lives as long as the run: a race of two promises would, once a piece.
 */
export class Stop {
  readonly #controller = new AbortController();
  readonly #waiting = new Set<(reason: unknown) => void>();
  #reason: { readonly error: unknown } | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isStopped(): boolean {
    return this.#reason !== undefined;
  }

  /** What stopped it. */
  get reason(): { readonly error: unknown } | undefined {
    return this.#reason;
  }

  /** The first one counts. */
  stop(error: unknown): void {
    if (this.#reason) return;
    this.#reason = { error };
    this.#controller.abort(error);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const reject of waiting) reject(error);
  }

  /** @throws the reason, once there is one */
  throwIfStopped(): void {
    if (this.#reason) throw this.#reason.error;
  }

  /** What `promise` gives, or the reason where the run is stopped before. What others wrote may give no promise at all. */
  or<T>(promise: PromiseLike<T> | T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#reason) reject(this.#reason.error);
      else this.#waiting.add(reject);
      Promise.resolve(promise).then(
        (value) => {
          this.#waiting.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(reject);
          reject(error);
        },
      );
    });
  }
}

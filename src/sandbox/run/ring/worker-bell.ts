/**
 * When a worker wakes its host. Answers are published at once and never held back, only the bell is:
 * waking the host costs it more than several calls of a small guest. It is rung when as many answers wait as
 * there are calls left to run, so that the host can send others before the worker has none; when there are
 * `mostUnrung`, or `coalesceMs` have passed since the first that the host has not been told of; and before a call
 * that is expected to take longer than that.
 */

const mostUnrung = 16;

export class WorkerBell {
  /** One integer, 1 while the host sleeps. */
  readonly #word: Int32Array;
  /** Longest time that an answer waits for others before the host is told. */
  coalesceMs = 0;
  #unrung = 0;
  #sinceMs = 0;

  constructor(shared: SharedArrayBuffer) {
    this.#word = new Int32Array(shared);
  }

  /** An answer was published. @param requests what is left to run */
  published(nowMs: number, requests: { readonly framesLeft: number }): void {
    // A host that is awake looks at the rings once more before it sleeps.
    if (Atomics.load(this.#word, 0) === 0) {
      this.#unrung = 0;
      return;
    }
    if (this.#unrung++ === 0) this.#sinceMs = nowMs;
    if (this.#unrung >= mostUnrung || nowMs - this.#sinceMs >= this.coalesceMs || this.#unrung >= requests.framesLeft)
      this.ring();
  }

  /** A call is next that is expected to take so long. */
  before(expectedMs: number): void {
    if (expectedMs > this.coalesceMs) this.ring();
  }

  /** Wakes the host where it sleeps and there is something to tell. */
  ring(): void {
    if (this.#unrung === 0) return;
    this.#unrung = 0;
    if (Atomics.compareExchange(this.#word, 0, 1, 0) === 1) Atomics.notify(this.#word, 0);
  }
}

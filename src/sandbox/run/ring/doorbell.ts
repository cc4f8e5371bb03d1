/**
 * How the host sleeps while its workers work, without blocking: one word of shared memory for all workers
 * of a pool. A sleep that is waited for does not keep the process alive.
 *
 *   sleep() ─▶ word = 1 ─▶ still nothing? ─▶ waits ── a worker swaps 1 for 0 and notifies ──▶ woken()
 */
export class Doorbell {
  readonly shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #word = new Int32Array(this.shared);
  readonly #woken: () => void;
  #isWaiting = false;

  constructor(woken: () => void) {
    this.#woken = woken;
  }

  /**
   * From now on a worker that answers rings.
   * @param isQuiet true where there is nothing to be woken for; asked after the word is set
   * @returns false when there is, and the host does not sleep
   */
  sleep(isQuiet: () => boolean): boolean {
    const word = this.#word;
    Atomics.store(word, 0, 1);
    if (!isQuiet()) {
      Atomics.store(word, 0, 0);
      return false;
    }
    // A wait that began earlier, from which the host was woken by something else, is used again.
    if (this.#isWaiting) return true;
    const { async, value } = Atomics.waitAsync(word, 0, 1);
    if (!async) return false;
    this.#isWaiting = true;
    void value.then(() => {
      this.#isWaiting = false;
      this.#woken();
    });
    return true;
  }

  /** The host is awake: nobody has to ring. */
  awake(): void {
    Atomics.store(this.#word, 0, 0);
  }

  /** Ends a wait, which would keep what it is to wake. */
  close(): void {
    this.awake();
    Atomics.notify(this.#word, 0);
  }
}

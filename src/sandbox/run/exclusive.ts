/** Work that has all workers of a tier to itself, one after the other: calls that come meanwhile wait. */
export class Exclusive {
  readonly #quiet: () => Promise<void>;
  readonly #over: () => void;
  /** Resolved when the one that has them now is done. */
  #until: Promise<unknown> = Promise.resolve();
  /** True while no unit is to be given a call. */
  isHeld = false;

  /**
   * @param quiet resolves once no call runs, given that none is begun
   * @param over calls may begin again
   */
  constructor(quiet: () => Promise<void>, over: () => void) {
    this.#quiet = quiet;
    this.#over = over;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#until.then(() => this.#holding(work));
    this.#until = done.catch(() => undefined);
    return done;
  }

  async #holding<T>(work: () => Promise<T>): Promise<T> {
    this.isHeld = true;
    try {
      await this.#quiet();
      return await work();
    } finally {
      this.isHeld = false;
      this.#over();
    }
  }
}

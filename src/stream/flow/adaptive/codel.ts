/**
 * Tells a standing queue from a burst by how long records stay: CoDel's control law.
 *
 *   sojourn < target ─▶ calm
 *   sojourn ≥ target for a whole interval ─▶ a mark, and while it lasts another after interval / √n
 *
 * Deviation: where CoDel drops a packet, here a mark makes the window of what may be in flight smaller, because
 * nothing may be lost. Pure: times come in.
 *
 * @see RFC 8289, section 5 (the control law: 5.4; leaving and coming back: 5.6)
 */
export interface CoDelOptions {
  readonly targetMs: number;
  readonly intervalMs: number;
}

export class CoDel {
  readonly #options: CoDelOptions;
  /** When an interval above the target will be over; NaN below the target. */
  #firstAboveMs = Number.NaN;
  #isMarking = false;
  #nextMs = 0;
  #count = 0;
  #lastCount = 0;

  constructor(options: CoDelOptions) {
    this.#options = options;
  }

  /** Marks one after the other since the queue began to stand. */
  get count(): number {
    return this.#isMarking ? this.#count : 0;
  }

  /**
   * @param sojournMs of a record that has left now @param targetMs where it is not that of the options
   * @returns true for a mark
   */
  left(sojournMs: number, nowMs: number, targetMs = this.#options.targetMs): boolean {
    const { intervalMs } = this.#options;
    const stands = this.#stands(sojournMs, nowMs, targetMs);
    if (this.#isMarking) {
      if (!stands) this.#isMarking = false;
      else if (nowMs >= this.#nextMs) {
        this.#count++;
        this.#nextMs += intervalMs / Math.sqrt(this.#count);
        return true;
      }
      return false;
    }
    if (!stands) return false;
    this.#isMarking = true;
    // Where the last time was not long ago, its rate of marks was about right.
    const delta = this.#count - this.#lastCount;
    this.#count = delta > 1 && nowMs - this.#nextMs < 16 * intervalMs ? delta : 1;
    this.#lastCount = this.#count;
    this.#nextMs = nowMs + intervalMs / Math.sqrt(this.#count);
    return true;
  }

  #stands(sojournMs: number, nowMs: number, targetMs: number): boolean {
    if (sojournMs < targetMs) {
      this.#firstAboveMs = Number.NaN;
      return false;
    }
    if (Number.isNaN(this.#firstAboveMs)) this.#firstAboveMs = nowMs + this.#options.intervalMs;
    return nowMs >= this.#firstAboveMs;
  }
}

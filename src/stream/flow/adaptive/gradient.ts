/**
 * How many calls at once: the ratio of how long calls take at best to how long they take now.
 *
 *   gradient = clamp(tolerance · least / now, ½, 1);  limit ← (1 − s) · limit + s · (gradient · limit + √limit)
 *
 * As long as one more call costs nothing the gradient is 1 and the limit grows by its root; once calls wait
 * for each other they take longer, and it falls. The least time is looked for anew every `probeCalls` calls, with
 * half the limit: an average of the recent past would follow the queue up, and the limit with it to its bound.
 * While fewer than half of the limit are in flight nothing is learnt. Pure.
 *
 * @see Netflix concurrency-limits, GradientLimit; deviation: the probe halves the limit where that sets it to √limit
 */
export interface GradientOptions {
  readonly initial: number;
  readonly most: number;
}

const tolerance = 1.5;
const smoothing = 0.2;
const probeCalls = 2000;
/** Weight of one call in the time that calls take now. */
const newest = 0.1;

export class Gradient {
  #most: number;
  #limit: number;
  #nowMs = Number.NaN;
  #leastMs = Number.POSITIVE_INFINITY;
  #sinceProbe = 0;

  constructor({ initial, most }: GradientOptions) {
    this.#limit = initial;
    this.#most = most;
  }

  setMost(most: number): void {
    this.#most = most;
    this.#limit = Math.min(this.#limit, most);
  }

  /** Calls that may be in flight: an integer of at least 1. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  /** @param ms that a call took, of one record or a record's share of it @param inFlight when it ended, itself included */
  ended(ms: number, inFlight: number): void {
    if (!(ms > 0) || inFlight < this.#limit / 2) return;
    this.#nowMs = Number.isNaN(this.#nowMs) ? ms : this.#nowMs + newest * (ms - this.#nowMs);
    if (++this.#sinceProbe >= probeCalls) {
      this.#sinceProbe = 0;
      this.#limit = Math.max(1, this.#limit / 2);
      this.#nowMs = Number.NaN;
      this.#leastMs = Number.POSITIVE_INFINITY;
      return;
    }
    this.#leastMs = Math.min(this.#leastMs, this.#nowMs);
    const gradient = Math.max(0.5, Math.min(1, (tolerance * this.#leastMs) / this.#nowMs));
    const next = gradient * this.#limit + Math.sqrt(this.#limit);
    this.#limit = Math.max(1, Math.min(this.#most, this.#limit * (1 - smoothing) + next * smoothing));
  }
}

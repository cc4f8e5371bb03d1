/**
 * What a call of n records costs, a + b · n ms, by least squares that forget; and from that the batch.
 *
 *   n = (1 − share) / share · a / b: so large that the fixed part is that share of the call, and no larger,
 *   and so small that a call takes no more than `mostMs`
 *
 * The batch follows from the two prices and not from the throughput that it had itself, which would feed back.
 * Pure.
 */
const forgetting = 0.98;
const fixedShare = 0.1;
/** Calls before the prices are believed. */
const fewest = 20;

export class BatchCost {
  #weight = 0;
  #n = 0;
  #ms = 0;
  #nn = 0;
  #nms = 0;
  #calls = 0;

  /** @param records of one call, at least 1 @param ms that it took */
  ended(records: number, ms: number): void {
    this.#calls++;
    this.#weight = forgetting * this.#weight + 1;
    this.#n = forgetting * this.#n + records;
    this.#ms = forgetting * this.#ms + ms;
    this.#nn = forgetting * this.#nn + records * records;
    this.#nms = forgetting * this.#nms + records * ms;
  }

  /** undefined while the sizes of the calls were too alike to tell the two apart. */
  get prices(): { readonly fixedMs: number; readonly perRecordMs: number } | undefined {
    const meanN = this.#n / this.#weight;
    const variance = this.#nn / this.#weight - meanN * meanN;
    if (this.#calls < fewest || !(variance > 0.01 * meanN * meanN)) return undefined;
    const perRecordMs = Math.max(0, (this.#nms / this.#weight - (meanN * this.#ms) / this.#weight) / variance);
    return { fixedMs: Math.max(0, this.#ms / this.#weight - perRecordMs * meanN), perRecordMs };
  }

  /** @param most upper bound @param mostMs longest that a call should take @returns an integer from 1 to `most`; `most` where nothing is known */
  batch(most: number, mostMs: number): number {
    const { prices } = this;
    if (!prices) return most;
    const { fixedMs, perRecordMs } = prices;
    if (perRecordMs === 0) return most;
    const cheap = ((1 - fixedShare) / fixedShare) * (fixedMs / perRecordMs);
    const quick = (mostMs - fixedMs) / perRecordMs;
    return Math.max(1, Math.min(most, Math.ceil(Math.min(cheap, quick))));
  }
}

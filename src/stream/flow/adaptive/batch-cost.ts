/**
 * What a call of n records costs, a + b · n ms, by least squares that forget; and from that the batch.
 *
 *   ms / n = a · (1 / n) + b     the noise of a call grows with it, so a record's share is what is fitted
 *   batch  = (1 − share) / share · a / b     so large that the fixed part is that share of the call, and no larger
 *
 * The batch follows from the two prices and not from the throughput that it had itself, which would feed back. While
 * all calls are alike in size the two prices are one number, so every eighth call is of another size (`tried`). The
 * fixed part is taken a standard error higher than it seems: a batch that is too large costs little. Calls that
 * cost another price altogether have not become a little dearer: what was known is then forgotten. Pure.
 */
const forgetting = 0.99;
const fixedShare = 0.025;
/** Calls before the prices are believed. */
const fewest = 40;
/** Calls in a row whose mean is held against the prices; and how far it may be from what they say. */
const runCalls = 16;
const shiftFactor = 1.6;
/** Where records cost next to nothing. */
const mostFixedRecords = 1e6;
const tryEvery = 8;
const tryFactor = 4;

export class BatchCost {
  #calls = 0;
  #weight = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;
  #yy = 0;
  #run = { calls: 0, ms: 0, expectedMs: 0 };

  /** @param records of one call, at least 1 @param ms that it took */
  ended(records: number, ms: number): void {
    this.#watch(records, ms);
    const x = 1 / records;
    const y = ms / records;
    this.#calls++;
    this.#weight = forgetting * this.#weight + 1;
    this.#x = forgetting * this.#x + x;
    this.#y = forgetting * this.#y + y;
    this.#xx = forgetting * this.#xx + x * x;
    this.#xy = forgetting * this.#xy + x * y;
    this.#yy = forgetting * this.#yy + y * y;
  }

  /** undefined while there were few calls, or their sizes were too alike to tell the two apart. */
  get prices(): { readonly fixedMs: number; readonly perRecordMs: number; readonly fixedErrorMs: number } | undefined {
    const w = this.#weight;
    const meanX = this.#x / w;
    const meanY = this.#y / w;
    const varianceX = this.#xx / w - meanX * meanX;
    if (this.#calls < fewest || !(varianceX > 0.01 * meanX * meanX)) return undefined;
    const covariance = this.#xy / w - meanX * meanY;
    const fixedMs = Math.max(0, covariance / varianceX);
    const varianceY = this.#yy / w - meanY * meanY;
    const residual = Math.max(0, varianceY - (covariance * covariance) / varianceX);
    const effective = Math.min(this.#calls, (1 + forgetting) / (1 - forgetting));
    const fixedErrorMs = Math.sqrt(residual / varianceX / effective);
    return { fixedMs, perRecordMs: Math.max(0, meanY - fixedMs * meanX), fixedErrorMs };
  }

  /** So many records cost as much as the fixed part of a call; 0 while nothing is known. */
  get fixedRecords(): number {
    const { fixedMs, perRecordMs } = this.prices ?? { fixedMs: 0, perRecordMs: 1 };
    return Math.min(mostFixedRecords, fixedMs / perRecordMs) || 0;
  }

  /** @param most upper bound @returns an integer from 1 to `most`; undefined where nothing is known */
  batch(most: number): number | undefined {
    const { prices } = this;
    if (!prices) return undefined;
    const { fixedMs, perRecordMs, fixedErrorMs } = prices;
    if (perRecordMs === 0) return most;
    const cheap = ((1 - fixedShare) / fixedShare) * ((fixedMs + fixedErrorMs) / perRecordMs);
    return Math.max(1, Math.min(most, Math.ceil(cheap)));
  }

  #watch(records: number, ms: number): void {
    const { prices } = this;
    if (!prices) return;
    const run = this.#run;
    run.calls++;
    run.ms += ms;
    run.expectedMs += prices.fixedMs + prices.perRecordMs * records;
    if (run.calls < runCalls) return;
    const ratio = run.ms / run.expectedMs;
    if (ratio > shiftFactor || ratio < 1 / shiftFactor) {
      this.#calls = this.#weight = 0;
      this.#x = this.#y = this.#xx = this.#xy = this.#yy = 0;
    }
    this.#run = { calls: 0, ms: 0, expectedMs: 0 };
  }
}

/** The size of the call of that number: every eighth is a quarter of the batch, or four of it where that is no less than 1. */
export function tried(batch: number, call: number, most: number): number {
  if (call % tryEvery !== 0) return batch;
  return batch >= tryFactor ? Math.ceil(batch / tryFactor) : Math.min(most, batch * tryFactor);
}

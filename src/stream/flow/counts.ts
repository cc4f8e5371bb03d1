/** What a run has done so far. */
export interface StreamCounts {
  /** Records that were read: the sum of all below, and those in flight. */
  readonly read: number;
  /** Records of which every result was acknowledged, those without a result included. */
  readonly delivered: number;
  readonly dropped: number;
  readonly sampledOut: number;
  readonly skipped: number;
  readonly deadLetters: number;
  /** Calls that were made once more for a record that had failed. */
  readonly retries: number;
  /** Calls of batches of which one record failed, made again in halves. */
  readonly splits: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly checkpoints: number;
  readonly failedCheckpoints: number;
  /** Time in which no guest was entered, for checkpoints of their state, ms. */
  readonly heldMs: number;
}

export type MutableCounts = { -readonly [key in keyof StreamCounts]: number };

export function noCounts(): MutableCounts {
  return {
    read: 0,
    delivered: 0,
    dropped: 0,
    sampledOut: 0,
    skipped: 0,
    deadLetters: 0,
    retries: 0,
    splits: 0,
    bytesIn: 0,
    bytesOut: 0,
    checkpoints: 0,
    failedCheckpoints: 0,
    heldMs: 0,
  };
}

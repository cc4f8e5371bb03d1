/**
 * How long records took in a stage, in histograms of one layout with those of calls.
 *
 *   came to the stage ─ wait ─ first call ─ service ─ its results are there
 *   └──────────────────────── sojourn (calls that failed, and back-offs, are in it) ┘
 *
 * All records of a call have one service time, and those of one piece one moment of coming, so a call costs a
 * few entries, however many records it has.
 */
import type { Distribution } from '../../contracts.ts';
import { emptyDistribution, mergeDistributions } from '../../measure/distribution.ts';
import { Histogram } from '../../measure/histogram.ts';

export interface StageTimes {
  /** From its coming to the stage until its first call. */
  readonly wait: Distribution;
  /** Of the call that gave its results: one a record, the same for all records of a call. */
  readonly service: Distribution;
  /** From its coming to the stage until its results were there. */
  readonly sojourn: Distribution;
}

/** A histogram that is read as a whole, and by windows: neither takes samples from the other. */
export class Durations {
  readonly #histogram = new Histogram();
  #whole = emptyDistribution;
  #untaken = emptyDistribution;
  #sameMs = Number.NaN;
  #sameCount = 0;

  /** O(1), no allocation; equal ones behind each other are entered at the cost of one. */
  record(ms: number, count = 1): void {
    if (ms === this.#sameMs) {
      this.#sameCount += count;
      return;
    }
    this.#histogram.recordSame(this.#sameMs, this.#sameCount);
    this.#sameMs = ms;
    this.#sameCount = count;
  }

  /** What was recorded since the last call. O(buckets in use) */
  take(): Distribution {
    this.#freeze();
    const taken = this.#untaken;
    this.#untaken = emptyDistribution;
    return taken;
  }

  /** All that was ever recorded. O(buckets in use) */
  get whole(): Distribution {
    this.#freeze();
    return this.#whole;
  }

  #freeze(): void {
    this.#histogram.recordSame(this.#sameMs, this.#sameCount);
    this.#sameMs = Number.NaN;
    this.#sameCount = 0;
    const frozen = this.#histogram.freeze();
    this.#untaken = mergeDistributions([this.#untaken, frozen]);
    this.#whole = mergeDistributions([this.#whole, frozen]);
  }
}

export class StageMeasures {
  readonly wait = new Durations();
  readonly service = new Durations();
  readonly sojourn = new Durations();

  /** Of all of its records. */
  get whole(): StageTimes {
    return { wait: this.wait.whole, service: this.service.whole, sojourn: this.sojourn.whole };
  }
}

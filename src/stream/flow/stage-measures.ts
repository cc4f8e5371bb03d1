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
import type { RunMoment } from './entry.ts';

export interface StageDurations {
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

/** So many records took so long since then. */
export type TellRun = (since: RunMoment, ms: number, count: number) => void;

/** Between two moments, by runs of records that have the same: those that came or left together do. */
class MomentRun {
  readonly #durations: Durations | undefined;
  readonly #tell: TellRun | undefined;
  #since: RunMoment | null = null;
  #count = 0;

  /** @param tell told of each run too */
  constructor(durations: Durations | undefined, tell?: TellRun) {
    this.#durations = durations;
    this.#tell = tell;
  }

  /** One more that waited from `since` to `untilMs`, which is the same until `end()`. */
  add(since: RunMoment, untilMs: number): void {
    if (since === this.#since) this.#count++;
    else {
      this.end(untilMs);
      this.#since = since;
      this.#count = 1;
    }
  }

  end(untilMs: number): void {
    const since = this.#since;
    if (since === null) return;
    this.#durations?.record(untilMs - since.ms, this.#count);
    this.#tell?.(since, untilMs - since.ms, this.#count);
    this.#since = null;
    this.#count = 0;
  }
}

/** What records took behind the last stage, and from their admission on. */
export class DeliveryMeasures {
  readonly #sink = new Durations();
  readonly #sojourn = new Durations();
  readonly #sinkRun = new MomentRun(this.#sink);
  readonly #sojournRun = new MomentRun(this.#sojourn);
  readonly #callRun: MomentRun;
  #nowMs = Number.NaN;

  /** @param tell of records as calls */
  constructor(tell: TellRun) {
    this.#callRun = new MomentRun(undefined, tell);
  }

  /** @param offered as a call @param left the last stage, with results; null where there are none */
  delivered(since: RunMoment, offered: RunMoment, left: RunMoment | null, nowMs: number): void {
    if (nowMs !== this.#nowMs) {
      this.end();
      this.#nowMs = nowMs;
    }
    if (left) this.#sinkRun.add(left, nowMs);
    this.#sojournRun.add(since, nowMs);
    this.#callRun.add(offered, nowMs);
  }

  /** From a record's results to the acknowledgement of the last of them. */
  get sink(): Durations {
    this.end();
    return this.#sink;
  }

  /** From its admission until then. */
  get sojourn(): Durations {
    this.end();
    return this.#sojourn;
  }

  /** What was told goes into the histograms. */
  end(): void {
    this.#sinkRun.end(this.#nowMs);
    this.#sojournRun.end(this.#nowMs);
    this.#callRun.end(this.#nowMs);
  }
}

export class StageMeasures {
  readonly wait = new Durations();
  readonly service = new Durations();
  readonly sojourn = new Durations();
  readonly waitRun: MomentRun;
  readonly sojournRun = new MomentRun(this.sojourn);

  constructor(tellWait?: TellRun) {
    this.waitRun = new MomentRun(this.wait, tellWait);
  }

  /** Of all of its records. */
  get whole(): StageDurations {
    return { wait: this.wait.whole, service: this.service.whole, sojourn: this.sojourn.whole };
  }
}

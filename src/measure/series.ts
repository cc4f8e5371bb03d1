/**
 * Functions by name. The host lists them, yet a guest may have thousands: the first 64 get a series
 * of their own, the rest share one, so that neither memory nor a window's size follows a guest.
 */
import type { Distribution, FunctionCounts, OutcomeCounts } from '../contracts.ts';
import { Histogram } from './histogram.ts';
import { addCounts, newCounts, noOutcomes, settledOf } from './outcome-counts.ts';

export const maxNamedSeries = 64;
/** Times that are kept raw: one page. */
const rawCount = 512;
const otherSeriesName = 'other';

/** The distributions of each function, and of a window as a whole. */
type Distributions = Omit<FunctionCounts, 'outcomes'>;

export function distributionsOf(of: (name: keyof Distributions) => Distribution): Distributions {
  return { wait: of('wait'), service: of('service'), latency: of('latency'), start: of('start') };
}

/** Counts of one function since the last freeze. */
export class FunctionSeries {
  readonly name: string;
  readonly latency = new Histogram();
  readonly wait = new Histogram();
  readonly service = new Histogram();
  readonly start = new Histogram();
  counts = newCounts();
  /** How long calls took that did not wait, and that no histogram has yet. */
  #raw: Float64Array | null = null;
  #rawCount = 0;
  /** Of calls that may have waited: how long each ran, and took in all, and how long those waited that did. */
  #times: Float64Array | null = null;
  #waits: Float64Array | null = null;
  #timeCount = 0;
  #waitCount = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** A call that did not wait took so long. O(1) amortised, a few nanoseconds but for one in `rawCount`. */
  tookAtOnce(ms: number): void {
    this.#raw ??= new Float64Array(rawCount);
    this.#raw[this.#rawCount++] = ms;
    if (this.#rawCount === rawCount) this.flush();
  }

  /** A call waited, ran and took so long in all. O(1) amortised, a few nanoseconds but for one in `rawCount`. */
  took(waitMs: number, serviceMs: number, latencyMs: number): void {
    this.#times ??= new Float64Array(2 * rawCount);
    const at = 2 * this.#timeCount++;
    this.#times[at] = serviceMs;
    this.#times[at + 1] = latencyMs;
    if (waitMs > 0) {
      this.#waits ??= new Float64Array(rawCount);
      this.#waits[this.#waitCount++] = waitMs;
    }
    if (this.#timeCount === rawCount) this.flush();
  }

  /** Enters in the histograms what is kept raw. */
  flush(): void {
    this.#flushTimes();
    if (this.#raw === null || this.#rawCount === 0) return;
    const count = this.#rawCount;
    this.#rawCount = 0;
    this.service.recordEach(this.latency, this.#raw, count);
    this.wait.recordZeros(count);
  }

  #flushTimes(): void {
    const count = this.#timeCount;
    if (this.#times === null || count === 0) return;
    this.#timeCount = 0;
    this.service.recordEvery(this.#times, 0, 2, count);
    this.latency.recordEvery(this.#times, 1, 2, count);
    this.wait.recordZeros(count - this.#waitCount);
    if (this.#waits !== null) this.wait.recordEvery(this.#waits, 0, 1, this.#waitCount);
    this.#waitCount = 0;
  }
}

export class SeriesTable {
  readonly #byName = new Map<string, FunctionSeries>();
  readonly #all: FunctionSeries[] = [];

  /** The series for `name`: always the same object. Resolve once, outside the hot path. */
  resolve(name: string): FunctionSeries {
    const known = this.#byName.get(name);
    if (known) return known;
    // Only names with a series of their own are remembered: a stranger's names cost nothing.
    if (name === otherSeriesName || this.#byName.size < maxNamedSeries) return this.#add(name);
    return this.#byName.get(otherSeriesName) ?? this.#add(otherSeriesName);
  }

  /** What each function did since the last freeze; functions of which nothing settled are left out. */
  freeze(): ReadonlyMap<string, FunctionCounts> {
    const frozen = new Map<string, FunctionCounts>();
    for (const series of this.#all) {
      if (settledOf(series.counts) === 0) continue;
      series.flush();
      frozen.set(series.name, {
        outcomes: series.counts,
        ...distributionsOf((name) => series[name].freeze()),
      });
      series.counts = newCounts();
    }
    return frozen;
  }

  /** Outcomes of all functions since the last freeze. */
  outcomes(): OutcomeCounts {
    return this.#all.reduce<OutcomeCounts>((sum, series) => addCounts(sum, series.counts), noOutcomes);
  }

  #add(name: string): FunctionSeries {
    const series = new FunctionSeries(name);
    this.#byName.set(name, series);
    this.#all.push(series);
    return series;
  }
}

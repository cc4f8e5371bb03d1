/**
 * The books that calls are entered in: of the stretch of time that is being written to, and of the
 * calls in flight. Freezing the stretch is synchronous and leaves it empty, so one set of histograms
 * serves for ever: writers never see a half-frozen delta, readers never a changing one.
 */

import type { Clock } from '../foundation/clock.ts';
import { Condition } from '../foundation/condition.ts';
import { CacheCounts } from './cache-counts.ts';
import type { Delta } from './delta.ts';
import { type Integrals, newCounters, takeCounters } from './fields.ts';
import { InFlightAges } from './in-flight-ages.ts';
import { InFlightCalls } from './in-flight-calls.ts';
import { SeriesTable } from './series.ts';
import { stageNames } from './stages.ts';
import { CallTracer, type CallTracerOptions } from './trace.ts';

/** For how long a reading of memory, which is costly, is used again. */
const memoryIntervalMs = 100;

const settled = Promise.resolve();

export interface AccumulatorOptions extends Omit<CallTracerOptions, 'stages'> {
  readonly memory: () => MemoryReading;
}

/** Bytes in use now. */
export interface MemoryReading {
  readonly heapBytes: number;
  readonly guestBytes: number;
  readonly rssBytes: number;
}

export class Accumulator {
  readonly clock: Clock;
  readonly tracer: CallTracer;
  readonly ages: InFlightAges;
  /** The calls in flight themselves: whoever ends them all must miss none. */
  readonly calls = new InFlightCalls();
  readonly series = new SeriesTable();
  readonly cache = new CacheCounts();
  /** Counters of the stretch that is being written to. Calls and executors add to them. */
  readonly counters = newCounters();
  /** Histograms, stages and spans are kept; when false only counters are. */
  recording = true;
  /** False where calls are only counted, once and for all: what is left of their times is as of a turn (`turnMs`). */
  timed = true;
  /** Changes of configuration so far. */
  epoch = 0;
  /** The executor was closed: calls are refused. */
  closed = false;
  /** Calls offered and not yet settled. */
  inFlight = 0;
  /** Calls settled since the recorder was made. */
  settledCount = 0;
  /** Calls that had settled when the newest was offered: where more have, the next one begins a round. */
  settledAtOffer = 0;
  /** When the last call in flight was settled. */
  emptySinceMs: number;
  /** When the newest round began that found no call in flight. */
  #freshSinceMs: number;
  #busyWorkers = 0;
  #busySinceMs: number;
  #busyMs = 0;
  readonly #memory: () => MemoryReading;
  #readMemoryAtMs = -Infinity;
  #inUse: MemoryReading = { heapBytes: 0, guestBytes: 0, rssBytes: 0 };
  #stageMs: number[] = stageNames.map(() => 0);
  #stageSamples = 0;
  readonly #quiet = new Condition();
  #turnMs = 0;
  #isTurnKnown = false;
  readonly #turnEnded = (): void => {
    this.#isTurnKnown = false;
  };

  constructor({ memory, ...tracing }: AccumulatorOptions) {
    this.clock = tracing.clock;
    this.tracer = new CallTracer({
      ...tracing,
      stages: (epoch, times) => {
        if (epoch === this.epoch) this.#addStages(times);
      },
    });
    this.#busySinceMs = tracing.clock.now();
    this.emptySinceMs = this.#busySinceMs;
    this.#freshSinceMs = this.#busySinceMs;
    this.ages = new InFlightAges(this.#busySinceMs);
    this.#memory = memory;
  }

  /** From now on calls are counted, and nothing else is known of them. To be called before the first. */
  countOnly(): void {
    this.recording = false;
    this.timed = false;
  }

  /** When the callbacks of promises that run now began: one reading of the clock for all calls in them. */
  turnMs(): number {
    if (this.#isTurnKnown) return this.#turnMs;
    this.#isTurnKnown = true;
    this.#turnMs = Math.floor(this.clock.now());
    void settled.then(this.#turnEnded);
    return this.#turnMs;
  }

  /**
   * Called once a call is settled and its promise resolved: resolves those of `quiet()` if no call is
   * in flight any more.
   */
  notifyQuiet(): void {
    if (this.inFlight === 0) this.#quiet.notify();
  }

  /** Resolves when no call is in flight. */
  quiet(): Promise<void> {
    return this.#quiet.until(() => this.inFlight === 0);
  }

  /**
   * A call is being offered, the first since others settled; it does not count as in flight yet. Whether the
   * calls before it are all back, and how long they have been, tells callers that wait for answers from those
   * that come at times of their own. O(1), no allocation.
   */
  roundBegan(nowMs: number): void {
    const { counters } = this;
    this.settledAtOffer = this.settledCount;
    counters.rounds++;
    if (this.inFlight > 0) return;
    const gapMs = nowMs - this.emptySinceMs;
    const cycleMs = nowMs - this.#freshSinceMs;
    this.#freshSinceMs = nowMs;
    counters.freshRounds++;
    counters.freshGapMs += gapMs;
    counters.freshGapMs2 += gapMs * gapMs;
    counters.freshCycleMs += cycleMs;
    counters.freshCycleMs2 += cycleMs * cycleMs;
  }

  /** From now on so many workers are busy. O(1), no allocation. */
  busy(workers: number): void {
    if (workers === this.#busyWorkers) return;
    this.#busyMs = this.busyMs();
    this.#busySinceMs = this.clock.now();
    this.#busyWorkers = workers;
  }

  /** Sum over workers of the time they were busy, up to now. */
  busyMs(): number {
    return this.#busyMs + this.#busyWorkers * (this.clock.now() - this.#busySinceMs);
  }

  /** Reads memory, unless it was read less than `memoryIntervalMs` ago, and raises the peaks to it. */
  sawMemory(nowMs: number): void {
    if (nowMs < this.#readMemoryAtMs) return;
    this.#inUse = this.#memory();
    this.#readMemoryAtMs = nowMs + memoryIntervalMs;
    this.#raisePeaks();
  }

  #raisePeaks(): void {
    const { counters } = this;
    const { heapBytes, guestBytes, rssBytes } = this.#inUse;
    if (heapBytes + guestBytes > counters.peakBytes) counters.peakBytes = heapBytes + guestBytes;
    if (guestBytes > counters.guestBytes) counters.guestBytes = guestBytes;
    if (rssBytes > counters.rssBytes) counters.rssBytes = rssBytes;
  }

  /** The delta of the stretch that ends here; counting begins again from zero. @param integrals of the whole stretch */
  freeze(stretch: Pick<Delta, 'epoch' | 'settings' | 'startMs' | 'endMs'>, integrals: Integrals): Delta {
    this.sawMemory(stretch.endMs);
    // What was read last was in use in this stretch as well, however short it is.
    this.#raisePeaks();
    const frozen: Delta = {
      ...stretch,
      steady: true,
      fields: { ...takeCounters(this.counters), ...integrals },
      functions: this.series.freeze(),
      stageMs: this.#stageMs,
      stageSamples: this.#stageSamples,
      cache: this.cache.freeze(),
    };
    this.#stageMs = stageNames.map(() => 0);
    this.#stageSamples = 0;
    return frozen;
  }

  /** @param times ms in each stage, in the order of `stageNames` */
  #addStages(times: readonly number[]): void {
    for (let stage = 0; stage < times.length; stage++) {
      this.#stageMs[stage] = (this.#stageMs[stage] as number) + (times[stage] as number);
    }
    this.#stageSamples++;
  }
}

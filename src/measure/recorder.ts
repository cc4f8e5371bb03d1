/**
 * The one measured call path. An executor tells a recorder what happens to its calls; open windows
 * are cut from it.
 *
 *   executor ── offer, settle, batch, start, reference ──▶ accumulator (HDR, counters)
 *                                                             │ rotate (on any cut or epoch change)
 *                                                             ▼
 *                              every open window joins the frozen delta to what it holds
 *
 * One accumulator is written to, whatever the number of open windows. Counters are kept even when
 * recording is off (`recording = false`): offered = settled + in flight holds always, and the cost
 * of recording can be measured as a trial of on against off.
 */
import type { OpenWindow, Outcome, OutcomeCounts, Settings } from '../contracts.ts';
import type { Clock } from '../foundation/clock.ts';
import { checkInteger } from '../foundation/options.ts';
import { randomStream } from '../foundation/random.ts';
import type { Meters, ResolvedSurroundings } from '../foundation/surroundings.ts';
import { Accumulator } from './accumulator.ts';
import { between, type Integrals } from './fields.ts';
import type { Gauges } from './gauges.ts';
import { InFlightAges } from './in-flight-ages.ts';
import { MemorySampler, systemMeters } from './meters.ts';
import { HeldWindow } from './open-window.ts';
import { addCounts, noOutcomes } from './outcome-counts.ts';
import type { FunctionSeries } from './series.ts';
import { type CallTrace, CallTracer } from './trace.ts';

export type { Gauges } from './gauges.ts';

/** A host-listed function, resolved once; the 65th and later are counted under 'other'. */
export interface Series {
  readonly name: string;
}

export interface Recorder {
  readonly clock: Clock;
  /** Histograms, stages and spans are kept; when false only counters are. */
  recording: boolean;
  /** Number of configuration changes so far. Stamp it on each call when it is submitted. */
  readonly epoch: number;
  /** Calls offered and not yet settled. */
  readonly inFlight: number;

  series(functionName: string): Series;

  /** The knobs stand at `settings` from now on: a new epoch. */
  changed(settings: Settings): void;

  /** A call came in. O(1), no allocation. @param submittedMs on `clock`; settle it with the same */
  offer(submittedMs: number): void;
  /** A sampled call's stage stamps and its span; null for most calls. Decide once, at submission. */
  trace(series: Series, submittedMs: number): CallTrace | null;
  /** An `ok` call ended. Times in ms on `clock`. O(1), no allocation. */
  ok(
    series: Series,
    epoch: number,
    submittedMs: number,
    intendedMs: number,
    dispatchedMs: number,
    serviceMs: number,
    settledMs: number,
  ): void;
  /** A call ended in any other way. */
  failed(series: Series, outcome: Exclude<Outcome, 'ok'>, submittedMs: number): void;
  /** A unit of dispatch came back: `calls` in it, `batchMs` from dispatch to return, `executeMs` inside guests. */
  batch(calls: number, batchMs: number, executeMs: number, bytesIn: number, bytesOut: number): void;
  /** An instance was started cold, for a call of this function. */
  start(series: Series, startMs: number): void;
  /** A cache was asked: LRU rank of the key (0 most recent, −1 never seen), and whether that was a hit. */
  reference(rank: number, hit: boolean, missMs: number): void;
  workerStarted(): void;

  openWindow(): OpenWindow;
  /** All there was since the recorder was made. */
  totals(): { readonly offered: number; readonly outcomes: OutcomeCounts; readonly inFlight: number };
  /** Times telemetry threw. No call was affected; the text went to OpenTelemetry's `diag`. */
  readonly telemetryErrorCount: number;
}

export interface RecorderOptions {
  readonly surroundings: Pick<ResolvedSurroundings, 'clock' | 'meters' | 'randomSource'>;
  readonly gauges: Gauges;
  /** What the knobs stand at: epoch 0. */
  readonly settings: Settings;
  /** The executor's name, on its spans. */
  readonly name: string;
  readonly spans?: SpanOptions;
}

export interface SpanOptions {
  /** False: stage times are sampled all the same, but OpenTelemetry is not touched. @defaultValue true */
  readonly enabled?: boolean;
  /** One call in so many is sampled, on average: integer ≥ 1. @defaultValue 64 */
  readonly sampleEvery?: number;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when `spans.sampleEvery` is not an integer ≥ 1 */
export function createRecorder(options: RecorderOptions): Recorder {
  return new WindowRecorder(options);
}

class WindowRecorder implements Recorder {
  readonly clock: Clock;
  recording = true;
  readonly #gauges: Gauges;
  readonly #meters: Meters;
  readonly #memory: MemorySampler;
  readonly #tracer: CallTracer;
  readonly #accumulator = new Accumulator();
  readonly #openWindows = new Set<HeldWindow>();
  #settings: Settings;
  #epoch = 0;
  #epochStartMs: number;
  readonly #ages: InFlightAges;
  #offered = 0;
  #settled = 0;
  /** Of frozen deltas; the accumulator holds the rest. */
  #outcomes: OutcomeCounts = noOutcomes;
  #startMs: number;
  /** Running totals when the accumulator was last frozen. */
  #integrals: Integrals;

  constructor(options: RecorderOptions) {
    const { gauges, settings, name, spans = {} } = options;
    const { clock, meters = systemMeters, randomSource } = options.surroundings;
    this.clock = clock;
    this.#gauges = gauges;
    this.#meters = meters;
    this.#memory = new MemorySampler(() => meters.heapBytes() + gauges.guestBytes());
    this.#settings = Object.freeze({ ...settings });
    this.#tracer = new CallTracer({
      clock,
      executor: name,
      sampleEvery: checkInteger('spans.sampleEvery', spans.sampleEvery ?? 64, { min: 1 }),
      spans: spans.enabled ?? true,
      random: randomSource ?? randomStream(0, `spans/${name}`),
      stages: (epoch, times) => {
        if (epoch === this.#epoch) this.#accumulator.addStages(times);
      },
    });
    this.#startMs = clock.now();
    this.#epochStartMs = this.#startMs;
    this.#ages = new InFlightAges(this.#startMs);
    this.#integrals = this.#readIntegrals(0);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get inFlight(): number {
    return this.#offered - this.#settled;
  }

  get telemetryErrorCount(): number {
    return this.#tracer.guard.errorCount;
  }

  series(functionName: string): Series {
    return this.#accumulator.series.resolve(functionName);
  }

  changed(settings: Settings): void {
    this.#rotate();
    this.#settings = Object.freeze({ ...settings });
    this.#epoch++;
    this.#epochStartMs = this.#startMs;
  }

  offer(submittedMs: number): void {
    this.#ages.offered(submittedMs);
    this.#offered++;
    this.#accumulator.counters.offered++;
  }

  trace(series: Series, submittedMs: number): CallTrace | null {
    return this.recording ? this.#tracer.begin(series.name, this.#epoch, submittedMs) : null;
  }

  ok(
    series: Series,
    epoch: number,
    submittedMs: number,
    intendedMs: number,
    dispatchedMs: number,
    serviceMs: number,
    settledMs: number,
  ): void {
    const own = series as FunctionSeries;
    this.#settled++;
    this.#ages.settled(submittedMs);
    own.counts.ok++;
    if (!this.recording || epoch !== this.#epoch) return;
    own.wait.record(dispatchedMs - intendedMs);
    own.service.record(serviceMs);
    own.latency.record(settledMs - intendedMs);
    this.#accumulator.sawMemory(this.#memory.at(settledMs));
  }

  failed(series: Series, outcome: Exclude<Outcome, 'ok'>, submittedMs: number): void {
    this.#settled++;
    this.#ages.settled(submittedMs);
    (series as FunctionSeries).counts[outcome]++;
  }

  batch(calls: number, batchMs: number, executeMs: number, bytesIn: number, bytesOut: number): void {
    const { counters } = this.#accumulator;
    counters.batches++;
    counters.batchedCalls += calls;
    counters.batchMs += batchMs;
    counters.executeMs += executeMs;
    counters.bytesIn += bytesIn;
    counters.bytesOut += bytesOut;
  }

  start(series: Series, startMs: number): void {
    if (this.recording) (series as FunctionSeries).start.record(startMs);
  }

  reference(rank: number, hit: boolean, missMs: number): void {
    this.#accumulator.cache.reference(rank, hit, missMs);
  }

  workerStarted(): void {
    this.#accumulator.counters.workerStarts++;
  }

  openWindow(): OpenWindow {
    this.#rotate();
    const opened: HeldWindow = new HeldWindow({
      rotate: () => this.#rotate(),
      inFlight: () => this.inFlight,
      epoch: () => this.#epoch,
      unfinished: () => this.#ages.since(this.#epochStartMs, this.#startMs),
      settledCount: () => this.#settled,
      disposed: () => this.#openWindows.delete(opened),
    });
    this.#openWindows.add(opened);
    return opened;
  }

  totals(): ReturnType<Recorder['totals']> {
    return {
      offered: this.#offered,
      outcomes: addCounts(this.#outcomes, this.#accumulator.series.outcomes()),
      inFlight: this.inFlight,
    };
  }

  /** Freezes what was accumulated and hands it to every open window. */
  #rotate(): void {
    const startMs = this.#startMs;
    const endMs = this.clock.now();
    const integrals = this.#readIntegrals(this.#integrals.workerMs + this.#gauges.workers() * (endMs - startMs));
    this.#outcomes = addCounts(this.#outcomes, this.#accumulator.series.outcomes());
    this.#accumulator.sawMemory(this.#memory.at(endMs));
    const stretch = { epoch: this.#epoch, settings: this.#settings, startMs, endMs };
    const frozen = this.#accumulator.freeze(stretch, between(this.#integrals, integrals));
    this.#startMs = endMs;
    this.#integrals = integrals;
    for (const open of this.#openWindows) open.take(frozen);
  }

  #readIntegrals(workerMs: number): Integrals {
    const cpuMs = this.#meters.processCpuMs();
    return {
      cpuMs,
      workerCpuMs: this.#gauges.inProcess ? cpuMs : cpuMs - this.#meters.threadCpuMs(),
      idleCpuMs: this.#meters.idleCpuMs(),
      busyMs: this.#gauges.busyMs?.() ?? Number.NaN,
      workerMs,
    };
  }
}

/**
 * The one measured call path. An executor offers its calls to a recorder; open windows are cut from it.
 *
 *   executor ── offer ──▶ Call (a token, which keeps the books) ──▶ accumulator (HDR, counters)
 *                                                             │ rotate (on any cut or epoch change)
 *                                                             ▼
 *                              every open window joins the frozen delta to what it holds
 *
 * One accumulator is written to, whatever the number of open windows. Counters are kept even when
 * recording is off (`recording = false`): offered = settled + in flight holds always, and the cost
 * of recording can be measured as a trial of on against off.
 */
import type { CallOptions, OpenWindow, OutcomeCounts, Settings } from '../contracts.ts';
import type { Clock } from '../foundation/clock.ts';
import { randomStream } from '../foundation/random.ts';
import type { Meters, ResolvedSurroundings } from '../foundation/surroundings.ts';
import { Accumulator } from './accumulator.ts';
import { Call, type Series } from './call.ts';
import { between, type Integrals } from './fields.ts';
import type { Gauges } from './gauges.ts';
import { systemMeters } from './meters.ts';
import { closedExecutor, JoinedWindow, type LeftInFlight } from './open-window.ts';
import { addCounts, noOutcomes } from './outcome-counts.ts';

/** All calls since a recorder was made: offered = the sum of outcomes + in flight. */
export interface Totals {
  readonly offered: number;
  readonly outcomes: OutcomeCounts;
  readonly inFlight: number;
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

/** Which calls have a span and stage times. Histograms and counts have all calls, whatever these say. */
export interface SpanOptions {
  /** False: stage times are sampled all the same, but OpenTelemetry is not touched. @defaultValue true */
  readonly enabled?: boolean;
  /** One call in so many is sampled, on average: integer ≥ 1. @defaultValue 64 */
  readonly sampleEvery?: number;
}

export const spanDefaults = Object.freeze({ enabled: true, sampleEvery: 64 });

const recorders = new WeakMap<object, Recorder>();

/**
 * The recorder that an executor of ours was made with; undefined for any other. No entry of the package
 * exports this.
 */
export function recorderOf(executor: object): Recorder | undefined {
  return recorders.get(executor);
}

export class Recorder {
  readonly clock: Clock;
  /** What calls are entered in: for those that extend `Call`, and for `Dispatch`. */
  readonly books: Accumulator;
  readonly #name: string;
  readonly #gauges: Gauges;
  readonly #meters: Meters;
  readonly #openWindows = new Set<JoinedWindow>();
  #settings: Settings;
  #epochStartMs: number;
  /** Where the newest window ended. */
  #left: LeftInFlight | null = null;
  /** Outcomes in all frozen deltas; the accumulator has those of the calls settled since. */
  #outcomes: OutcomeCounts = noOutcomes;
  #startMs: number;
  /** Running totals when the accumulator was last frozen. */
  #integrals: Integrals;

  constructor(options: RecorderOptions) {
    const { gauges, settings, name } = options;
    const spans = { ...spanDefaults, ...options.spans };
    const { clock, meters = systemMeters, randomSource } = options.surroundings;
    this.clock = clock;
    this.#name = name;
    this.#gauges = gauges;
    this.#meters = meters;
    this.#settings = Object.freeze({ ...settings });
    this.books = new Accumulator({
      clock,
      executor: name,
      sampleEvery: spans.sampleEvery,
      spans: spans.enabled,
      random: randomSource ?? randomStream(0, `spans/${name}`),
      memory: () => ({
        heapBytes: meters.heapBytes(),
        guestBytes: gauges.guestBytes(),
        rssBytes: meters.rssBytes(),
      }),
    });
    this.#startMs = clock.now();
    this.#epochStartMs = this.#startMs;
    this.#integrals = this.#readIntegrals(0);
  }

  /** From now on `recorderOf(executor)` gives this recorder. */
  belongsTo(executor: object): void {
    recorders.set(executor, this);
  }

  series(functionName: string): Series {
    return this.books.series.resolve(functionName);
  }

  /** Offers a call: the beginning of its life (see call.ts). */
  offer<O>(series: Series, options?: CallOptions): Call<O> {
    return new Call<O>(this.books, series, options);
  }

  /** Calls are refused, or what they ran on was closed by whoever owns it: there is nothing left to measure, or to move. */
  get isOver(): boolean {
    return this.books.closed || this.#gauges.isOver?.() === true;
  }

  /** From now on calls are refused. */
  close(): void {
    this.books.closed = true;
  }

  /** Resolves when no call is in flight. */
  quiet(): Promise<void> {
    return this.books.quiet();
  }

  /** The knobs stand at `settings` from now on: a new epoch. */
  changed(settings: Settings): void {
    this.#rotate();
    this.#settings = Object.freeze({ ...settings });
    this.books.epoch++;
    this.#epochStartMs = this.#startMs;
  }

  workerStarted(): void {
    this.books.counters.workerStarts++;
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_CLOSED once nothing is left to measure */
  openWindow(): OpenWindow {
    const { books } = this;
    if (this.isOver) throw closedExecutor('openWindow()', this.#name);
    this.#rotate();
    const opened: JoinedWindow = new JoinedWindow({
      executor: this.#name,
      rotate: () => this.#rotate(),
      inFlight: () => books.inFlight,
      epoch: () => books.epoch,
      unfinished: () => books.ages.since(this.#epochStartMs, this.#startMs),
      settledCount: () => books.settledCount,
      lastLeft: () => this.#left,
      left: (inFlight) => {
        this.#left = inFlight;
      },
      isOver: () => this.isOver && books.inFlight === 0,
      disposed: () => this.#openWindows.delete(opened),
    });
    this.#openWindows.add(opened);
    return opened;
  }

  totals(): Totals {
    const { settledCount, inFlight, series, tracer } = this.books;
    return {
      offered: settledCount + inFlight,
      outcomes: addCounts(this.#outcomes, series.outcomes()),
      inFlight,
      telemetryErrorCount: tracer.guard.errorCount,
    };
  }

  /** Freezes what was accumulated and hands it to every open window. */
  #rotate(): void {
    const { books } = this;
    const startMs = this.#startMs;
    const endMs = this.clock.now();
    const integrals = this.#readIntegrals(this.#integrals.workerMs + this.#gauges.workers() * (endMs - startMs));
    this.#outcomes = addCounts(this.#outcomes, books.series.outcomes());
    const stretch = { epoch: books.epoch, settings: this.#settings, startMs, endMs };
    const frozen = books.freeze(stretch, between(this.#integrals, integrals));
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
      ownWaitMs: this.#gauges.ownWaitMs?.() ?? Number.NaN,
      busyMs: this.#gauges.busyMs?.() ?? this.books.busyMs(),
      workerMs,
    };
  }
}

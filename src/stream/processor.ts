/**
 * What a user holds: one stage or several with one set of options, for any number of runs.
 *
 *   process(source)            iterable in, iterable out; leaving it early ends the run
 *   run(source, sink, options) to the end, with checkpoints
 *   batches(source)            the same as lists of bytes; asIterTransform() for node:stream/iter
 *   asTransformStream()        web streams, and Node's through `Duplex.fromWeb()`
 */

import type { OpenWindow } from '../contracts.ts';
import type { KnobParts } from '../executor/knob.ts';
import { MeasuredExecutor } from '../executor/measured-executor.ts';
import { closedError } from '../foundation/call-errors.ts';
import { checkSignal } from '../foundation/foreign-values.ts';
import { checkKeys, checkText, expected } from '../foundation/options.ts';
import { randomStream } from '../foundation/random.ts';
import { type Recorder, recorderOf, spanDefaults, type Totals } from '../measure/recorder.ts';
import { type ObservedStream, observeStream } from '../measure/stream-metrics.ts';
import { StreamTracer } from '../measure/stream-spans.ts';
import type { GuestFunction } from '../sandbox/sandbox.ts';
import { StreamBounds } from './bounds.ts';
import type { StreamExecutor } from './call-records.ts';
import type { OutputRecord, Sink, Source } from './contracts.ts';
import type { StreamCounts } from './flow/counts.ts';
import type { Flow } from './flow/flow.ts';
import { slowestOf } from './flow/stage-shares.ts';
import { Stop } from './flow/stop.ts';
import { type IterTransform, iterTransform } from './iter-transform.ts';
import { checkSink, jobName, partsOf, type StreamJob, type StreamRunOptions } from './job.ts';
import { observedStream } from './observed-stream.ts';
import { type ResolvedStreamOptions, resolveStreamOptions, type StreamOptions } from './options.ts';
import { pulledResults } from './pulled-results.ts';
import { RecordBooks } from './record-books.ts';
import type { RunParts } from './run-parts.ts';
import { runStream, type StreamSummary } from './run-stream.ts';
import { Runs } from './runs.ts';
import { BatchHandover } from './sink/batch-handover.ts';
import { Handover } from './sink/handover.ts';
import type { PulledSink } from './sink/pulled-sink.ts';
import type { PieceIterable } from './source/iterable-source.ts';
import { sourceOf } from './source/open-source.ts';
import { type StageProgress, stageProgress } from './stage-reports.ts';
import { type ResolvedStage, resolveStage } from './stages.ts';
import { transformStream } from './transform-stream.ts';

/** Characters of the stages' names in that of the processor. */
const longestNames = 100;

/** How a run goes, now. */
export interface StreamProgress extends StreamCounts {
  /** A run has begun and has not ended. */
  readonly isUnderWay: boolean;
  readonly inFlightBytes: number;
  readonly inFlightRecords: number;
  readonly callsInFlight: number;
  readonly isPaused: boolean;
  /** What each stage does with its time lately, in the order of the stages; all of it starved where no run is under way. */
  readonly stages: readonly StageProgress[];
  /** The name of the stage with the largest share of busy time lately. */
  readonly slowest: string;
}

/**
 * A processor of records by a sandbox's function or an executor. It starts nothing: `run()` and `process()` do.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION; ERR_SANDTUNE_EXPORT_MISSING where a sandbox has no such function
 */
export function createStreamProcessor(
  executor: StreamExecutor | GuestFunction,
  options: StreamOptions = {},
): StreamProcessor {
  const resolved = resolveStreamOptions(options);
  const { function: functionName } = resolved;
  const given = functionName === undefined ? { executor } : { executor, function: functionName };
  return new StreamProcessor(resolved, [resolveStage(given, resolved)]);
}

/**
 * Made by `createStreamProcessor()` and `pipeline()`. It is an executor: its calls are the records, its knobs the bounds
 * that its options set, and `tune()` takes it while runs are under way.
 */
export class StreamProcessor extends MeasuredExecutor<StreamJob, StreamSummary> {
  readonly #options: ResolvedStreamOptions;
  readonly #stages: readonly ResolvedStage[];
  readonly #bounds: StreamBounds;
  readonly #books: RecordBooks;
  readonly #tracer: StreamTracer;
  readonly #recorder: Recorder;
  readonly #runs: Runs;
  /** Kept for as long as the processor is. */
  #observed: ObservedStream | undefined;

  constructor(options: ResolvedStreamOptions, stages: readonly ResolvedStage[]) {
    const runs = new Runs(stages);
    const bounds: StreamBounds = new StreamBounds(options, stages, {
      before: () => runs.enter(),
      after: () => runs.setBounds(bounds.now),
    });
    super({
      name: options.name ?? nameOf(stages),
      // What finds no room waits, and comes when there is some; unless it is dropped.
      load: options.backpressure.startsWith('drop') ? 'open' : 'closed',
      spans: {},
      surroundings: options.surroundings,
      gauges: {
        workers: () => bounds.now.stages.reduce((sum, { lanes }) => sum + lanes, 0),
        guestBytes: () => 0,
        busyMs: () => runs.busyMs,
      },
      knobs: bounds.knobs as readonly KnobParts[],
      backlog: runs,
    });
    this.#options = options;
    this.#stages = stages;
    this.#bounds = bounds;
    this.#runs = runs;
    this.#recorder = recorderOf(this) as Recorder;
    this.#books = new RecordBooks(this.#recorder, this.name, this.load === 'open');
    const { clock, randomSource } = options.surroundings;
    const random = randomSource ?? randomStream(0, `spans/${this.name}`);
    const { sampleEvery } = spanDefaults;
    this.#tracer = new StreamTracer({ clock, processor: this.name, sampleEvery, random });
  }

  /** As of every executor; `stages` has the mean time of a record in each stage, and in the sink. */
  override openWindow(): OpenWindow {
    return this.#runs.windowWithStages(super.openWindow(), this.load === 'open');
  }

  override totals(): Totals {
    this.#runs.enter();
    return super.totals();
  }

  protected async idle(): Promise<void> {
    await this.#runs.ended();
  }

  /** Runs that have not ended are stopped. */
  protected async release(atOnce: boolean): Promise<void> {
    if (atOnce) this.#runs.stop(closedError(this.name));
    await this.#runs.ended();
  }

  /** Of the runs that are under way, together. */
  progress(): StreamProgress {
    const of = (value: (flow: Flow) => number) => [...this.#runs.flows].reduce((sum, flow) => sum + value(flow), 0);
    const stages = stageProgress(this.#stages, [...this.#runs.flows]);
    const names = [
      'read',
      'delivered',
      'dropped',
      'sampledOut',
      'skipped',
      'deadLetters',
      'retries',
      'splits',
      'bytesIn',
      'bytesOut',
      'checkpoints',
      'failedCheckpoints',
      'heldMs',
    ] as const;
    const counts = Object.fromEntries(names.map((name) => [name, of(({ counts }) => counts[name])]));
    return {
      ...(counts as unknown as StreamCounts),
      isUnderWay: this.#runs.flows.size > 0,
      inFlightBytes: of(({ credits }) => credits.bytes),
      inFlightRecords: of(({ credits }) => credits.records),
      callsInFlight: of((flow) => flow.stages.calls),
      isPaused: [...this.#runs.flows].some(({ credits }) => credits.isPaused),
      stages,
      slowest: slowestOf(stages)?.name ?? '',
    };
  }

  /**
   * The results, one by one. A record is acknowledged when the next one is asked for. Nothing is read before the
   * first one is. Leaving it (`break`, `return()`) ends the run and leaves the source.
   * @throws {SandtuneError} ERR_SANDTUNE_OPTION
   */
  process(source: Source | PieceIterable): AsyncIterableIterator<OutputRecord, undefined, undefined> {
    return this.#pulled('process()', source, new Handover());
  }

  /**
   * The results as lists of bytes, as iterables of `node:stream/iter` give them and take them: what the framing puts
   * around each is there; without a framing each member of a list is a result. A list is acknowledged when the next
   * one is asked for. Otherwise as `process()`.
   * @param options a signal that ends the run; the iterator then rejects with its reason
   * @throws {SandtuneError} ERR_SANDTUNE_OPTION
   */
  batches(
    source: Source | PieceIterable,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncIterableIterator<Uint8Array[], undefined, undefined> {
    checkKeys('batches()', options, ['signal']);
    const signal = options.signal && checkSignal('signal', options.signal);
    return this.#pulled('batches()', source, new BatchHandover(this.#options.framing), signal);
  }

  /** For `pull()` and `pipeTo()` of `node:stream/iter`: lists of bytes in, lists of bytes out, as `batches()` gives them. */
  asIterTransform(): IterTransform {
    return iterTransform((source, options) => this.batches(source, options));
  }

  /** The same as with source, sink and options, of one argument. */
  run(job: StreamJob): Promise<StreamSummary>;
  /**
   * Resolves when the source has ended and everything was acknowledged; rejects with what ended it before, of several
   * things with the first. Either way the source is left and closed, the sink is closed, and no call is made any more.
   *
   * | what ends it                                      | how                      | where the newest checkpoint stands |
   * |---------------------------------------------------|--------------------------|------------------------------------|
   * | all was read and acknowledged                     | resolves                 | behind the last record             |
   * | one of both cannot be closed after that           | that error               | behind the last record             |
   * | the source throws, or is not what it was          | that error               | behind the acknowledged prefix     |
   * | a record fails for good, or is too long           | ..._RECORD_FAILED        | behind the acknowledged prefix     |
   * | the executor is closed                            | ..._CLOSED               | behind the acknowledged prefix     |
   * | the sink throws, or refuses a record              | that error               | behind the acknowledged prefix     |
   * | its signal is aborted, at any time                | the reason               | behind the acknowledged prefix     |
   * | the sink fails with ..._SINK, the store, fencing  | that error               | where the last one saved stood     |
   * | the process ends                                  |                          | where the last one saved stood     |
   *
   * The acknowledged prefix is contiguous: it ends before the first record that is not done with. Records that were
   * dropped, sampled out, skipped or put with the dead letters are done with, and told as gaps. What it cannot be made
   * sure of within a second, or with guests that keep state, under at-most-once, or under effectively-once while
   * something is written and not acknowledged, the newest checkpoint is that of before, an interval ago at the most.
   * @throws {SandtuneError} ERR_SANDTUNE_OPTION, ERR_SANDTUNE_SOURCE, ERR_SANDTUNE_SINK, ERR_SANDTUNE_FRAMING,
   * ERR_SANDTUNE_RECORD_FAILED, ERR_SANDTUNE_RECORD_TOO_LARGE, ERR_SANDTUNE_CHECKPOINT, ERR_SANDTUNE_FENCED
   */
  run(source: Source | PieceIterable, sink: Sink, options?: StreamRunOptions): Promise<StreamSummary>;
  async run(
    first: Source | PieceIterable | StreamJob,
    second?: Sink,
    third: StreamRunOptions = {},
  ): Promise<StreamSummary> {
    const [source, sink, options] = partsOf(first, second, third);
    checkKeys('run()', options, ['checkpoints', 'job', 'signal', 'guestState', 'metadata']);
    checkSink(sink);
    const { checkpoints, guestState, metadata = null, signal: given } = options;
    if (guestState && !checkpoints) throw expected('guestState', 'nothing without checkpoints', guestState);
    if (guestState && this.#options.delivery === 'at-most-once')
      throw expected(
        'guestState',
        "nothing beside delivery: 'at-most-once', which goes on behind what guests have seen",
        guestState,
      );
    const from = sourceOf(source, this.#options.framing);
    const job = options.job === undefined ? jobName(from.name, this.name, sink.name) : checkText('job', options.job);
    const signal = given && checkSignal('signal', given);
    const stop = new Stop();
    const abort = () => stop.stop(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      stop.throwIfStopped();
      return await this.#run({ source: from, sink, stop, storage: checkpoints, job, guests: guestState, metadata });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Bytes in, bytes out, as the framing has them; without a framing each chunk is a record. */
  asTransformStream(): {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array | string>;
  } {
    return transformStream((source) => this.process(source), this.#options.framing);
  }

  #pulled<T>(
    caller: string,
    source: Source | PieceIterable,
    sink: PulledSink<T>,
    signal?: AbortSignal,
  ): AsyncIterableIterator<T, undefined, undefined> {
    const { delivery, framing } = this.#options;
    if (delivery === 'effectively-once')
      throw expected('delivery', `'at-least-once' or 'at-most-once' for ${caller}, which has no checkpoints`, delivery);
    const from = sourceOf(source, framing);
    const run = (opened: Sink, stop: Stop) =>
      this.#run({
        source: from,
        sink: opened,
        stop,
        storage: undefined,
        job: 'process',
        guests: undefined,
        metadata: null,
      });
    return pulledResults({ name: this.name, sink, run, signal });
  }

  /** Apart from `#run()`, whose closures share what they hold: its first source and sink would be held with it. */
  #observe(): void {
    this.#observed = observedStream(this, () => this.#bounds.now.credits.bytes);
    observeStream(this.#observed);
  }

  #run(parts: Omit<RunParts, 'options' | 'stages' | 'bounds' | 'books' | 'tracer'>): Promise<StreamSummary> {
    if (this.#recorder.isOver) return Promise.reject(closedError(this.name));
    if (!this.#observed) this.#observe();
    return this.#runs.run(parts.stop, (began) =>
      runStream({
        ...parts,
        options: this.#options,
        stages: this.#stages,
        bounds: this.#bounds.now,
        books: this.#books,
        tracer: this.#tracer,
        began,
      }),
    );
  }
}

function nameOf(stages: readonly ResolvedStage[]): string {
  const names = stages.map(({ name }) => name).join('-');
  return `${names.slice(0, longestNames)}-stream`;
}

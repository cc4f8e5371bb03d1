/**
 * An async function as an executor, one input or a batch of them at a time.
 *
 *   run() ──▶ queue ──▶ the function ──▶ settle
 *
 * Where a call does not have to wait, the function is called before `run()` returns. It runs in the
 * caller's async context, also for a call that had to wait for the gate. A batch runs in the context in
 * which the executor was made.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import type { CallOptions, Load, Outcome } from '../contracts.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { LentPlaces } from '../foundation/lent-places.ts';
import { quoted } from '../foundation/options.ts';
import type { ResolvedSurroundings } from '../foundation/surroundings.ts';
import { Dispatch, type Series } from '../measure/call.ts';
import type { Recorder, SpanOptions } from '../measure/recorder.ts';
import { generatorText } from './given-generator.ts';
import type { KnobParts } from './knob.ts';
import type { QueueSettings } from './queue-knobs.ts';
import { type CallCarrier, type QueuedCall, QueuedExecutor, type QueueOf } from './queued-executor.ts';
import type { ResolvedTenants } from './tenants.ts';

type FunctionCall<I, O> = QueuedCall<I, O, CallOptions>;
type FunctionQueue<I, O> = QueueOf<I, O, CallOptions>;

export interface FunctionExecutorOptions<I, O> {
  readonly name: string;
  readonly load: Load | undefined;
  readonly spans: SpanOptions;
  /** @defaultValue no limits */
  readonly tenants?: ResolvedTenants;
  readonly surroundings: ResolvedSurroundings;
  readonly queue: Partial<QueueSettings> & { readonly maxQueue: number };
  readonly knobs: (queue: QueueSettings) => readonly KnobParts[];
  /** Runs one call. Either this or `runBatch` is given. */
  readonly runOne?: (call: FunctionCall<I, O>) => O | Promise<O>;
  readonly runBatch?: (inputs: I[]) => readonly (O | Promise<O>)[] | Promise<readonly (O | Promise<O>)[]>;
  /** Workers the calls run on. @defaultValue none: calls run on this thread */
  readonly workers?: () => number;
  /** Called when the executor was closed and its last call has ended. */
  readonly close?: () => Promise<void>;
  /** A call that has ended for its caller gives its place to the next one, though its work goes on. @defaultValue false */
  readonly freeOnCancel?: boolean;
  /** The outcome that an error of the function counts as. @defaultValue 'trap' */
  readonly outcomeOf?: (error: unknown) => Exclude<Outcome, 'ok'>;
}

export function functionExecutor<I, O>(options: FunctionExecutorOptions<I, O>): QueuedExecutor<I, O> {
  const { name, load, spans, tenants, surroundings, knobs, workers } = options;
  const { maxQueue, ...queue } = options.queue;
  const made: { queue?: FunctionQueue<I, O> } = {};
  const isLimited = queue.limit !== undefined || (tenants?.maxRunning ?? Infinity) < Infinity;
  const places = !isLimited ? null : new LentPlaces<FunctionCall<I, O>>((call) => made.queue?.pass(call));
  return new QueuedExecutor<I, O>({
    name,
    load,
    spans,
    ...(tenants && { tenants }),
    surroundings,
    queue: { ...queue, maxWaiting: maxQueue },
    seesSignals: false,
    ...(places && { waits: (call) => places.waits(call) }),
    parts: (its) => ({
      gauges: { workers: workers ?? (() => 1), guestBytes: () => 0, inProcess: workers === undefined },
      knobs: knobs(its),
    }),
    carrier: (its, recorder) => {
      made.queue = its;
      return new FunctionCarrier(options, its, recorder, places);
    },
  });
}

class FunctionCarrier<I, O> implements CallCarrier<I, O> {
  readonly #options: FunctionExecutorOptions<I, O>;
  readonly #queue: FunctionQueue<I, O>;
  readonly #recorder: Recorder;
  readonly #series: Series;
  /** Places that calls lend to calls of their own; null where nothing limits how many run. */
  readonly #places: LentPlaces<FunctionCall<I, O>> | null;
  /** The async context of `wrap()`: a batch belongs to none of the calls in it. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #released: Promise<void> | undefined;

  constructor(
    options: FunctionExecutorOptions<I, O>,
    queue: FunctionQueue<I, O>,
    recorder: Recorder,
    places: LentPlaces<FunctionCall<I, O>> | null,
  ) {
    this.#places = places;
    this.#options = options;
    this.#queue = queue;
    this.#recorder = recorder;
    this.#series = recorder.series(options.name);
  }

  seriesOf(): Series {
    return this.#series;
  }

  /** A function cannot be stopped; one that takes a signal may stop by itself. */
  get aftermath(): string {
    return this.#options.freeOnCancel ? 'its work goes on, and its place is free' : 'its work goes on';
  }

  release(): Promise<void> {
    this.#released ??= (async () => this.#options.close?.())();
    return this.#released;
  }

  abandoned(call: FunctionCall<I, O>, reason: unknown): void {
    call.stop?.abort(reason);
    if (!this.#options.freeOnCancel) return;
    const calls = call.together ?? [call];
    if (calls.every(({ settled }) => settled)) this.#back(call);
  }

  send(calls: FunctionCall<I, O>[]): void {
    this.#occupy();
    if (this.#options.runBatch) void this.#sendTogether(calls);
    else void this.#sendOne(calls[0] as FunctionCall<I, O>);
  }

  async #sendOne(call: FunctionCall<I, O>): Promise<void> {
    call.begins();
    if (call.limits !== null && call.limits.deadlineMs < Number.POSITIVE_INFINITY) call.stop = new AbortController();
    try {
      this.#ended(call, await this.#runOne(call));
    } catch (error) {
      this.#failed(call, error);
    }
    this.#back(call);
  }

  #runOne(call: FunctionCall<I, O>): O | Promise<O> {
    // Called without a receiver: as a member of the options, the user's function would find them under `this`.
    const runOne = this.#options.runOne as (call: FunctionCall<I, O>) => O | Promise<O>;
    if (this.#places === null) return runOne(call);
    const places = this.#places;
    const work = () => places.within(call, () => runOne(call));
    return call.within ? call.within(work) : work();
  }

  async #sendTogether(calls: FunctionCall<I, O>[]): Promise<void> {
    const together = new Dispatch(this.#recorder.books, calls);
    const first = calls[0] as FunctionCall<I, O>;
    for (const call of calls) {
      call.together = calls;
      call.limits?.begins();
    }
    try {
      const results = readEach(await this.#runBatch(calls));
      if (results.some(isPromise)) return this.#settleEach(calls, results, together);
      together.returned();
      calls.forEach((call, index) => this.#ended(call, results[index] as O));
    } catch (error) {
      if (!together.isBack) together.returned();
      for (const call of calls) this.#failed(call, error);
    }
    this.#back(first);
  }

  /** Each call ends with its own result; the batch is back with the last of them. */
  #settleEach(calls: FunctionCall<I, O>[], results: readonly (O | Promise<O>)[], together: Dispatch): void {
    let awaited = calls.length;
    const settle = (end: () => void) => {
      const isLast = --awaited === 0;
      if (isLast) together.returned();
      end();
      if (isLast) this.#back(calls[0] as FunctionCall<I, O>);
    };
    calls.forEach((call, index) => {
      Promise.resolve(results[index] as O).then(
        (value) => settle(() => this.#ended(call, value)),
        (error: unknown) => settle(() => this.#failed(call, error)),
      );
    });
  }

  async #runBatch(calls: readonly FunctionCall<I, O>[]): Promise<readonly (O | Promise<O>)[]> {
    const { runBatch, name } = this.#options;
    const inputs = calls.map((call) => call.input);
    const first = calls[0] as FunctionCall<I, O>;
    const work = () => runBatch?.(inputs);
    const results = await this.#outside(() => (this.#places ? this.#places.within(first, work) : work()));
    if (Array.isArray(results) && results.length === calls.length) return results;
    const got = Array.isArray(results) ? `${results.length}` : quoted(results);
    throw resultError(`batch of '${name}': expected an array of ${calls.length} results, one per input, got ${got}`);
  }

  /** A generator has done nothing by the time it is there, so its call would be measured as one that takes no time. */
  #ended(call: FunctionCall<I, O>, value: O): void {
    if (typeof value === 'object' && types.isGeneratorObject(value))
      this.#failed(call, resultError(generatorText(call.series.name)));
    else call.ok(value);
  }

  #failed(call: FunctionCall<I, O>, error: unknown): void {
    let outcome: Exclude<Outcome, 'ok'> = 'trap';
    try {
      outcome = this.#options.outcomeOf?.(error) ?? outcome;
    } catch {
      // The error may be any value, also one that throws when it is read: it counts as a trap.
    }
    call.failed(outcome, error);
  }

  /**
   * The dispatch of this call is back, unless its place was given away before. Callers go on in later
   * microtasks, so the place is free before any of them does.
   */
  #back(call: FunctionCall<I, O>): void {
    const first = call.together?.[0] ?? call;
    if (first.isFreed) return;
    first.isFreed = true;
    this.#queue.returned(first);
    this.#occupy();
  }

  /** Books as many workers as busy as dispatches are out, at most all workers. */
  #occupy(): void {
    this.#recorder.books.busy(Math.min(this.#queue.running, this.#options.workers?.() ?? 1));
  }
}

/**
 * The results of a batch, each read once. They are the user's objects: one that is a promise, or that
 * throws when it is read, is a promise here, so that it ends its own call and no neighbour's. Never throws.
 */
function readEach<O>(results: readonly (O | Promise<O>)[]): readonly (O | Promise<O>)[] {
  return Array.from({ length: results.length }, (_, index) => {
    try {
      const result = results[index] as O;
      return isThenable(result) ? new Promise<O>((resolve) => resolve(result)) : result;
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  });
}

/** Of a function that ran, and gave what is no result. */
function resultError(message: string): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_RESULT', message, { outcome: 'trap', stage: 'return' });
}

function isThenable(value: unknown): boolean {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

function isPromise(value: unknown): boolean {
  return types.isPromise(value);
}

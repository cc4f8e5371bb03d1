/**
 * Any async function, one input or a batch of them at a time, behind Executor and Knob.
 *
 *   run() ──▶ DispatchQueue (concurrency, batchSize, batchLingerMs) ──▶ the function ──▶ settle
 *
 * Without `concurrency` and `batch` nothing is held back: the function is called before `run()`
 * returns, in the caller's async context (also when it had to wait at the gate).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallOptions, Knob } from '../contracts.ts';
import { DispatchQueue } from '../executor/dispatch-queue.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { shown } from '../foundation/options.ts';
import { Dispatch } from '../measure/call.ts';
import { Recorder } from '../measure/recorder.ts';
import { BusyTime } from './busy-time.ts';
import { functionKnobs } from './function-knobs.ts';
import { settingsOf } from './number-knob.ts';
import type { OfferedCall } from './offered-call.ts';
import {
  type BatchOptions,
  type ResolvedWrapFunctionOptions,
  resolveWrapFunctionOptions,
  type WrapFunctionOptions,
} from './wrap-options.ts';
import { queueFullError, type Wrapped, WrappedExecutor } from './wrapped.ts';

/** Gets the caller's signal, where there is one, so that it can stop. */
export type WrappableFunction<I, O> = (
  input: I,
  context: { readonly signal: AbortSignal } | undefined,
) => O | Promise<O>;

/** Returns one result per input, in their order. A result may be a promise: its call ends when that does. */
export type WrappableBatchFunction<I, O> = (
  inputs: I[],
) => readonly (O | Promise<O>)[] | Promise<readonly (O | Promise<O>)[]>;

type Run = <T>(work: () => T) => T;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function wrapFunction<I, O>(
  target: WrappableFunction<I, O> | WrappableBatchFunction<I, O>,
  options: WrapFunctionOptions & { readonly batch?: BatchOptions },
): Wrapped<I, O> {
  return new FunctionAdapter<I, O>(target, resolveWrapFunctionOptions(options, target.name || 'function')).executor;
}

class FunctionAdapter<I, O> {
  readonly executor: WrappedExecutor<I, O, CallOptions>;
  readonly #options: ResolvedWrapFunctionOptions;
  readonly #target: (input: unknown, context?: unknown) => unknown;
  readonly #recorder: Recorder;
  readonly #queue: DispatchQueue<OfferedCall<I, O>>;
  /** The async contexts of calls that could not be dispatched at once. */
  readonly #contexts = new WeakMap<OfferedCall<I, O>, Run>();
  readonly #knobs: readonly Knob[];
  #closing = false;

  constructor(target: unknown, options: ResolvedWrapFunctionOptions) {
    const { name, concurrency, batch, maxQueue, surroundings } = options;
    const { clock, timers } = surroundings;
    this.#options = options;
    this.#target = target as (input: unknown) => unknown;
    const busy = new BusyTime(clock);
    this.#queue = new DispatchQueue({
      limit: concurrency?.value ?? Number.POSITIVE_INFINITY,
      size: batch?.size ?? 1,
      lingerMs: batch?.lingerMs ?? 0,
      maxWaiting: maxQueue,
      clock,
      timers,
      carrier: {
        free: () => target,
        freeCount: () => Number.POSITIVE_INFINITY,
        send: (_target, calls) => {
          busy.set(1);
          void this.#dispatch(calls).then(() => {
            this.#queue.returned();
            busy.set(this.#queue.running > 0 ? 1 : 0);
          });
        },
      },
    });
    this.#knobs = functionKnobs(this.#queue, options, {
      isClosed: () => this.#closing,
      changed: () => this.#recorder.changed(settingsOf(this.#knobs)),
    });
    const gauges = { workers: () => 1, guestBytes: () => 0, busyMs: () => busy.read(), inProcess: true };
    const settings = settingsOf(this.#knobs);
    this.#recorder = new Recorder({ surroundings, gauges, settings, name, spans: options.spans });
    this.executor = new WrappedExecutor<I, O, CallOptions>({
      name,
      load: options.load,
      knobs: this.#knobs,
      recorder: this.#recorder,
      functionOf: () => name,
      admit: (call) => this.#admit(call),
      drain: () => this.#drain(),
    });
  }

  #admit(call: OfferedCall<I, O>): void {
    const { name, maxQueue, batch } = this.#options;
    call.follow(this);
    if (!batch && this.#queue.running >= this.#queue.limit)
      this.#contexts.set(call, AsyncLocalStorage.snapshot() as Run);
    if (!this.#queue.offer(call)) call.failed('shed', queueFullError(name, maxQueue));
  }

  aborted(call: OfferedCall<I, O>): void {
    this.#queue.remove(call);
    call.cancelled();
  }

  async #dispatch(calls: OfferedCall<I, O>[]): Promise<void> {
    const together = this.#options.batch ? new Dispatch(this.#recorder.books, calls) : undefined;
    if (!together) calls[0]?.dispatched();
    let results: readonly unknown[] | undefined;
    let failure: unknown;
    try {
      const returned = this.#options.batch
        ? await this.#callBatch(calls)
        : [await this.#callOne(calls[0] as OfferedCall<I, O>)];
      // Looking at a result may throw as well: it is the function's.
      if (together && returned.some(isThenable)) return this.#settleEach(calls, returned, together);
      results = returned;
    } catch (error) {
      failure = error;
    }
    together?.returned();
    calls.forEach((call, index) => {
      if (results) call.ok(results[index] as O);
      else call.failed('trap', failure);
    });
  }

  /** Each call ends with its own result; the batch is back with the last of them. */
  async #settleEach(calls: OfferedCall<I, O>[], results: readonly unknown[], together: Dispatch): Promise<void> {
    let awaited = calls.length;
    const settle = (end: () => void) => {
      if (--awaited === 0) together.returned();
      end();
    };
    await Promise.all(
      calls.map((call, index) =>
        Promise.resolve(results[index] as O).then(
          (value) => settle(() => call.ok(value)),
          (error: unknown) => settle(() => call.failed('trap', error)),
        ),
      ),
    );
  }

  #callOne(call: OfferedCall<I, O>): unknown {
    const { input, signal } = call;
    // Not called as a member of this adapter: a function that looks at `this` would find us.
    const target = this.#target;
    const work = () => target(input, signal && { signal });
    const run = this.#contexts.get(call);
    return run ? run(work) : work();
  }

  async #callBatch(calls: readonly OfferedCall<I, O>[]): Promise<readonly unknown[]> {
    const target = this.#target;
    const results = await target(calls.map((call) => call.input));
    if (Array.isArray(results) && results.length === calls.length) return results;
    const got = Array.isArray(results) ? `${results.length}` : shown(results);
    throw new SandtuneError(
      'ERR_SANDTUNE_TRAP',
      `batch of '${this.#options.name}': expected an array of ${calls.length} results, one per input, got ${got}`,
      { outcome: 'trap', stage: 'return' },
    );
  }

  /** A cancelled call may have left its function running: that is waited for too. */
  async #drain(): Promise<void> {
    this.#closing = true;
    this.#queue.flush();
    await Promise.all([this.#recorder.quiet(), this.#queue.idle()]);
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/**
 * The sandbox as its user holds it: an executor whose calls run in WebAssembly guests on workers.
 */
import type { CallOptions, Executor, Knob, Load, OpenWindow } from '../contracts.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { shown } from '../foundation/options.ts';
import type { Series } from '../measure/call.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { FunctionPlan } from './run/call.ts';
import type { Dispatcher } from './run/dispatcher.ts';

/** One call: which function, with what. Arguments are read when the call is sent to its worker: leave them alone until then. */
export interface SandboxCall {
  /** 'guest.function', or 'function' where there is one guest. */
  readonly function: string;
  /** @defaultValue [] */
  readonly args?: readonly unknown[];
}

/** A function of a guest, found once and called without look-ups. */
export interface GuestFunction {
  /** @throws {SandtuneError} with `code`, `outcome` and `stage` */
  (...args: unknown[]): Promise<unknown>;
  /** The same with options: signal, intended start, idempotent. */
  run(args: readonly unknown[], call?: CallOptions): Promise<unknown>;
  /** 'guest.function' */
  readonly functionName: string;
}

export interface SandboxParts {
  readonly name: string;
  readonly load: Load | undefined;
  readonly recorder: Recorder;
  readonly dispatcher: Dispatcher;
  readonly plans: ReadonlyMap<string, FunctionPlan>;
  readonly knobs: readonly Knob<number>[];
  /** The one guest there is, whose functions go by their own names. */
  readonly onlyGuest: string | undefined;
}

/** Made by `createSandbox()`. */
export class Sandbox implements Executor<SandboxCall, unknown>, AsyncDisposable {
  readonly name: string;
  readonly load: Load | undefined;
  readonly knobs: readonly Knob<number>[];
  readonly recorder: Recorder;
  readonly #parts: SandboxParts;
  readonly #unknown: Series;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.load = parts.load;
    this.knobs = parts.knobs;
    this.recorder = parts.recorder;
    this.#unknown = parts.recorder.series('other');
  }

  /** Names of the functions that may be called, 'guest.function'. */
  get functionNames(): readonly string[] {
    return [...this.#parts.plans.keys()];
  }

  /** @throws {SandtuneError} with `code`, `outcome` and `stage` */
  run(input: SandboxCall, call?: CallOptions): Promise<unknown> {
    const plan = this.#find(input?.function);
    if (plan) return this.#parts.dispatcher.submit(plan, input.args ?? [], call);
    const refused = this.recorder.offer(this.#unknown, call);
    refused.failed('rejected', this.#missing(input?.function));
    return refused.promise;
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_EXPORT_MISSING when there is no such function */
  function(name: string): GuestFunction {
    const plan = this.#find(name);
    if (!plan) throw this.#missing(name);
    const { dispatcher } = this.#parts;
    return Object.assign((...args: unknown[]) => dispatcher.submit(plan, args, undefined), {
      run: (args: readonly unknown[], call?: CallOptions) => dispatcher.submit(plan, args, call),
      functionName: plan.name,
    });
  }

  openWindow(): OpenWindow {
    return this.recorder.openWindow();
  }

  /**
   * Lets everything in flight end, then ends the workers. Calls made after it are rejected. A second
   * call is harmless. Without a `deadlineMs` a call that never ends is waited for until its caller
   * aborts it.
   */
  close(): Promise<void> {
    return this.#parts.dispatcher.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(name: string): FunctionPlan | undefined {
    const { plans, onlyGuest } = this.#parts;
    return plans.get(name) ?? (onlyGuest === undefined ? undefined : plans.get(`${onlyGuest}.${name}`));
  }

  #missing(name: unknown): SandtuneError {
    return new SandtuneError(
      'ERR_SANDTUNE_EXPORT_MISSING',
      `${this.name}: expected one of the functions ${[...this.#parts.plans.keys()].slice(0, 10).join(', ')}, got ${shown(name)}`,
      { outcome: 'rejected', stage: 'admit' },
    );
  }
}

/**
 * The sandbox as its user holds it: an executor whose calls run in WebAssembly guests on workers.
 */
import type { CallOptions, Executor, Knob, Load, OpenWindow } from '../contracts.ts';
import type { DispatchQueue } from '../executor/dispatch-queue.ts';
import { messageOf, SandtuneError } from '../foundation/errors.ts';
import { shown } from '../foundation/options.ts';
import type { Series } from '../measure/call.ts';
import type { Recorder, Totals } from '../measure/recorder.ts';
import { argumentsError, wrongArguments } from './module/arguments.ts';
import { type FunctionPlan, GuestCall } from './run/call.ts';
import { closedError, queueFullError } from './run/call-errors.ts';
import type { Tier } from './run/tier.ts';

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
  readonly queue: DispatchQueue<GuestCall>;
  readonly tier: Pick<Tier<unknown>, 'close'>;
  readonly maxQueue: number;
  readonly plans: ReadonlyMap<string, FunctionPlan>;
  readonly knobs: (isClosed: () => boolean) => readonly Knob<number>[];
  /** The one guest there is, whose functions go by their own names. */
  readonly onlyGuest: string | undefined;
}

/** Made by `createSandbox()`. */
export class Sandbox implements Executor<SandboxCall, unknown>, AsyncDisposable {
  readonly name: string;
  readonly load: Load | undefined;
  readonly knobs: readonly Knob<number>[];
  readonly #recorder: Recorder;
  readonly #parts: SandboxParts;
  readonly #unknown: Series;
  #closed: Promise<void> | undefined;

  /** The signal of a call has fired. One that runs goes on, and nobody waits for it. */
  readonly #owner = {
    aborted: (call: GuestCall): void => {
      this.#parts.queue.remove(call);
      call.cancelled();
    },
  };

  constructor(parts: SandboxParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.load = parts.load;
    this.knobs = parts.knobs(() => this.#closed !== undefined);
    this.#recorder = parts.recorder;
    parts.recorder.belongsTo(this);
    this.#unknown = parts.recorder.series('other');
  }

  /** Names of the functions that may be called, 'guest.function'. */
  get functionNames(): readonly string[] {
    return [...this.#parts.plans.keys()];
  }

  /** @throws {SandtuneError} with `code`, `outcome` and `stage` */
  run(input: SandboxCall, options?: CallOptions): Promise<unknown> {
    const plan = this.#find(input?.function);
    if (plan) return this.#run(plan, input.args ?? noArguments, options);
    const call = this.#recorder.offer(this.#unknown, options);
    call.failed('rejected', this.#missing(input?.function));
    return call.promise;
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_EXPORT_MISSING when there is no such function */
  function(name: string): GuestFunction {
    const plan = this.#find(name);
    if (!plan) throw this.#missing(name);
    return Object.assign((...args: unknown[]) => this.#run(plan, args, undefined), {
      run: (args: readonly unknown[], options?: CallOptions) => this.#run(plan, args, options),
      functionName: plan.name,
    });
  }

  /** Calls since it was made: offered = the sum of outcomes + in flight. */
  totals(): Totals {
    return this.#recorder.totals();
  }

  openWindow(): OpenWindow {
    return this.#recorder.openWindow();
  }

  /**
   * Lets everything in flight end, then ends the workers. Calls made after it are rejected. A second
   * call is harmless. Without a `deadlineMs` a call that never ends is waited for until its caller
   * aborts it.
   */
  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #run(plan: FunctionPlan, args: readonly unknown[], options: CallOptions | undefined): Promise<unknown> {
    const { queue, maxQueue } = this.#parts;
    const call = new GuestCall(this.#recorder.books, plan, args, options);
    if (call.settled) return call.promise;
    const wrong = this.#closed ? closedError(plan.name) : refusalOf(plan, args);
    if (wrong) call.failed('rejected', wrong);
    else if (!queue.offer(call)) call.failed('shed', queueFullError(plan.name, maxQueue));
    else call.follow(this.#owner);
    return call.promise;
  }

  async #drain(): Promise<void> {
    const { queue, tier } = this.#parts;
    queue.flush();
    await this.#recorder.quiet();
    await tier.close();
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

const noArguments: readonly unknown[] = Object.freeze([]);

/** Arguments may be anything, also what throws when it is read: then the call is refused, not half admitted. */
function refusalOf({ name, signature }: FunctionPlan, args: readonly unknown[]): SandtuneError | undefined {
  try {
    if (!Array.isArray(args)) return wrongArguments(`${name}: expected an array of arguments, got ${typeof args}`);
    return signature && argumentsError(name, signature, args);
  } catch (cause) {
    return wrongArguments(`${name}: expected arguments that can be read, got ${messageOf(cause)}`, cause);
  }
}

/**
 * The sandbox as its user holds it: an executor whose calls run in WebAssembly guests on workers.
 */
import { createHash } from 'node:crypto';
import type { DispatchQueue } from '../executor/dispatch-queue.ts';
import { MeasuredExecutor, type MeasuredExecutorOptions } from '../executor/measured-executor.ts';
import { wrongArguments } from '../foundation/call-errors.ts';
import { messageOf, refusal, SandtuneError } from '../foundation/errors.ts';
import { quoted } from '../foundation/options.ts';
import type { Series } from '../measure/call.ts';
import { type Recorder, recorderOf } from '../measure/recorder.ts';
import { argumentsError, countError } from './module/arguments.ts';
import { stateError } from './module/module-state.ts';
import { type FunctionPlan, GuestCall, type SandboxCallOptions } from './run/call.ts';
import { type DirectFunction, type DirectTarget, directFunction } from './run/direct-function.ts';
import { Recovery } from './run/recovery.ts';
import type { ResultLease } from './run/result-lease.ts';
import { checkStates, type SandboxState, StateCalls, type StatePlanOf } from './run/state-calls.ts';
import type { Tier } from './run/tier.ts';

/**
 * One call of a function. Its list of arguments is read at once; objects in it are read when the call is sent to a
 * worker, which may be a second time, after the first has ended or to one that is idle: they must not be changed before
 * the call has settled.
 */
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
  /** The same with options: signal, deadline, longest wait, intended start, idempotent, tenant, priority; into, lease. */
  run(args: readonly unknown[], call: SandboxCallOptions & { readonly lease: true }): Promise<ResultLease>;
  run(args: readonly unknown[], call: SandboxCallOptions & { readonly into: Uint8Array }): Promise<Uint8Array>;
  run(args: readonly unknown[], call?: SandboxCallOptions): Promise<unknown>;
  /** 'guest.function' */
  readonly functionName: string;
  /**
   * The same at once, without a promise; absent where calls run on workers.
   * @throws {SandtuneError} likewise
   */
  readonly sync?: (...args: unknown[]) => unknown;
}

export interface SandboxParts extends Omit<MeasuredExecutorOptions, 'backlog'> {
  readonly queue: DispatchQueue<GuestCall>;
  readonly tier: Tier<unknown>;
  /** The tier, where it is the caller's own thread. */
  readonly thread?: { targetOf(plan: FunctionPlan): DirectTarget };
  readonly deadlineMs: number;
  readonly measure: boolean;
  /** 'guest.function' → plan */
  readonly plans: (recorder: Recorder) => ReadonlyMap<string, FunctionPlan>;
  /** Guests that keep state. */
  readonly states: (recorder: Recorder) => readonly StatePlanOf[];
  /** 'guest.function' of exports with v128 or references. */
  readonly uncallable: ReadonlySet<string>;
  /** The one guest there is, whose functions go by their own names. */
  readonly onlyGuest: string | undefined;
}

const sandboxes = new WeakMap<object, Sandbox>();

/** The sandbox that a function of a guest is of; undefined for anything else. No entry of the package exports this. */
export function sandboxOf(guestFunction: object): Sandbox | undefined {
  return sandboxes.get(guestFunction);
}

/** Made by `createSandbox()`. */
export class Sandbox extends MeasuredExecutor<SandboxCall, unknown, SandboxCallOptions> {
  readonly #parts: SandboxParts;
  readonly #recorder: Recorder;
  readonly #plans: ReadonlyMap<string, FunctionPlan>;
  readonly #unknown: Series;
  readonly #states: StateCalls<unknown> | null;
  /** SHA-256, hexadecimal, of the bytes of the guest with the option `state`, of several that of theirs; null where none has. */
  readonly statefulModules: string | null;

  constructor(parts: SandboxParts) {
    super({ ...parts, backlog: parts.queue });
    const { queue, tier, deadlineMs, measure } = parts;
    const recorder = recorderOf(this) as Recorder;
    if (!measure) recorder.books.countOnly();
    tier.serve({ queue, failures: new Recovery(queue, deadlineMs), recorder });
    this.#parts = parts;
    this.#recorder = recorder;
    this.#plans = parts.plans(recorder);
    this.#unknown = recorder.series('other');
    const stateful = parts.states(recorder);
    this.statefulModules = hashOfAll(stateful);
    this.#states = stateful.length > 0 ? new StateCalls({ queue, tier, books: recorder.books, plans: stateful }) : null;
  }

  /** Names of the functions that may be called, 'guest.function'. */
  get functionNames(): readonly string[] {
    return [...this.#plans.keys()];
  }

  /** @throws {SandtuneError} with `code`, `outcome` and `stage` */
  run(input: SandboxCall, options?: SandboxCallOptions): Promise<unknown> {
    let name: unknown;
    let plan: FunctionPlan | undefined;
    let args: readonly unknown[];
    try {
      name = input?.function;
      plan = this.#find(name);
      args = input?.args ?? noArguments;
    } catch (cause) {
      return this.#refused(unreadable(this.name, cause), options);
    }
    return plan ? this.#runGiven(plan, args, options) : this.#refused(this.#missing(name), options);
  }

  /** @throws {SandtuneError} ERR_SANDTUNE_EXPORT_MISSING when there is no such function */
  function(name: string): GuestFunction {
    const plan = this.#find(name);
    if (!plan) throw this.#missing(name);
    const named = {
      // What it resolves to follows from the options, which types of an arrow function cannot say.
      run: ((args: readonly unknown[], options?: SandboxCallOptions) =>
        this.#runGiven(plan, args, options)) as GuestFunction['run'],
      functionName: plan.name,
    };
    const { thread } = this.#parts;
    const sync = thread && directFunction(thread.targetOf(plan));
    const made: GuestFunction = sync
      ? Object.assign(promised(sync, plan), { ...named, sync })
      : Object.assign((...args: unknown[]) => this.#run(plan, args, undefined), named);
    sandboxes.set(made, this);
    return made;
  }

  /**
   * The states of all instances of guests with the option `state`, at one moment between two calls: calls that
   * come meanwhile wait. None where no guest keeps state. The bytes are in memory that is shared between threads.
   * @throws {SandtuneError} ERR_SANDTUNE_GUEST_STATE where a trap, a deadline or the end of a worker has taken one
   */
  async guestStates(): Promise<readonly SandboxState[]> {
    return (await this.#states?.take()) ?? [];
  }

  /**
   * Puts states back that `guestStates()` of a sandbox with the same guests and as many threads gave. To be called
   * before the first call, since a memory cannot shrink.
   * @throws {SandtuneError} ERR_SANDTUNE_GUEST_STATE where they do not fit; ERR_SANDTUNE_OPTION where they are no states
   */
  async restoreGuestStates(states: readonly SandboxState[]): Promise<void> {
    const given = checkStates(states);
    if (this.#states) return this.#states.restore(given);
    if (given.length > 0)
      throw stateError(`${this.name}: expected no states, since no guest keeps any, got ${given.length}`);
  }

  #refused(error: SandtuneError, options: SandboxCallOptions | undefined): Promise<unknown> {
    const call = this.#recorder.offer(this.#unknown, options);
    call.failed('rejected', error);
    return call.promise;
  }

  /** @param given whatever a caller gives; what goes on is a copy of it, which is not changed by who gave it, or by being read */
  #runGiven(plan: FunctionPlan, given: readonly unknown[], options: SandboxCallOptions | undefined): Promise<unknown> {
    const { name, signature } = plan;
    let args: readonly unknown[] = noArguments;
    let wrong: SandtuneError | undefined;
    try {
      if (!Array.isArray(given)) wrong = wrongArguments(`${name}: expected an array of arguments, got ${typeof given}`);
      else {
        const { length } = given;
        wrong = signature ? countError(name, signature, length) : lengthError(name, length);
        if (wrong === undefined) args = readOnce(length, given);
      }
    } catch (cause) {
      wrong = unreadable(name, cause);
    }
    return this.#run(plan, args, options, wrong);
  }

  /** @param refusal of arguments that cannot be passed, where that is known */
  #run(
    plan: FunctionPlan,
    args: readonly unknown[],
    options: SandboxCallOptions | undefined,
    refusal?: SandtuneError,
  ): Promise<unknown> {
    const call = new GuestCall(this.#recorder.books, plan, args, options);
    const { signature } = plan;
    const misfit = refusal ?? (signature && argumentsError(plan.name, signature, args));
    const wrong = misfit ?? (this.#parts.thread && deadlineRefusal(call));
    if (wrong) call.failed('rejected', wrong);
    else this.#parts.queue.take(call);
    return call.promise;
  }

  /** Without a `deadlineMs` a call that never ends is waited for until its caller aborts it. */
  protected async idle(): Promise<void> {
    this.#parts.queue.flush();
    await this.#recorder.quiet();
  }

  /** Ends the workers, whatever they do. */
  protected async release(): Promise<void> {
    await this.#parts.tier.close();
  }

  #find(name: unknown): FunctionPlan | undefined {
    const { onlyGuest } = this.#parts;
    if (typeof name !== 'string') return undefined;
    return this.#plans.get(name) ?? (onlyGuest === undefined ? undefined : this.#plans.get(`${onlyGuest}.${name}`));
  }

  #missing(name: unknown): SandtuneError {
    const { onlyGuest, uncallable } = this.#parts;
    if (typeof name === 'string' && (uncallable.has(name) || uncallable.has(`${onlyGuest}.${name}`))) {
      const message = `${this.name}: expected a function of numbers, got ${quoted(name)}, whose signature has v128 or references; use a binding`;
      return refusal('ERR_SANDTUNE_EXPORT_MISSING', message);
    }
    const message = `${this.name}: expected ${knownText([...this.#plans.keys()])}, got ${quoted(name)}`;
    return refusal('ERR_SANDTUNE_EXPORT_MISSING', message);
  }
}

/** Functions that a message names. */
const mostNamed = 10;

/** The names may come from a guest's bytes, so there may be many of them, and long or odd ones. */
function knownText(names: readonly string[]): string {
  if (names.length === 0) return 'a guest that exports functions';
  const shown = names.slice(0, mostNamed).map((one) => (/^[\w.$-]{1,160}$/.test(one) ? one : quoted(one)));
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return `one of the functions ${shown.join(', ')}${more}`;
}

function hashOfAll(stateful: readonly StatePlanOf[]): string | null {
  const hashes = stateful.map(({ sha256 }) => sha256);
  return hashes.length > 1 ? createHash('sha256').update(hashes.join()).digest('hex') : (hashes[0] ?? null);
}

const noArguments: readonly unknown[] = Object.freeze([]);

/** More could not be handed to a function of JavaScript. */
const mostArguments = 65_535;

function lengthError(name: string, length: number): SandtuneError | undefined {
  if (Number.isInteger(length) && length >= 0 && length <= mostArguments) return undefined;
  return wrongArguments(`${name}: expected 0 to ${mostArguments} arguments, got ${length}`);
}

/** @throws what reading them throws */
function readOnce(count: number, given: readonly unknown[]): readonly unknown[] {
  // The most usual ones cost least when they are written out.
  if (count === 1) return [given[0]];
  if (count === 2) return [given[0], given[1]];
  return Array.from({ length: count }, (_, index) => given[index]);
}

/** The same function with a promise of what it returns. */
function promised(sync: DirectFunction, { signature }: FunctionPlan): (...args: unknown[]) => Promise<unknown> {
  const settle = (call: () => unknown): Promise<unknown> => {
    try {
      return Promise.resolve(call());
    } catch (error) {
      return Promise.reject(error);
    }
  };
  // Arguments that are spread cost as much as the rest of such a call.
  if (signature?.params.length === 1)
    return (a, ...more) => (more.length > 0 ? settle(() => sync(a, ...more)) : one(sync, a));
  if (signature?.params.length === 2)
    return (a, b, ...more) => (more.length > 0 ? settle(() => sync(a, b, ...more)) : two(sync, a, b));
  return (...args) => settle(() => sync(...args));
}

function one(sync: DirectFunction, a: unknown): Promise<unknown> {
  try {
    return Promise.resolve(sync(a));
  } catch (error) {
    return Promise.reject(error);
  }
}

function two(sync: DirectFunction, a: unknown, b: unknown): Promise<unknown> {
  try {
    return Promise.resolve(sync(a, b));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Nobody can end a call that runs in its caller's own thread. */
function deadlineRefusal({ limits, plan }: GuestCall): SandtuneError | undefined {
  if (limits === null || limits.deadlineMs === Number.POSITIVE_INFINITY) return undefined;
  const message = `${plan.name}: expected no deadlineMs where calls run in the thread of their caller, got ${limits.deadlineMs}`;
  return wrongArguments(message);
}

function unreadable(name: string, cause: unknown): SandtuneError {
  return wrongArguments(`${name}: expected arguments that can be read, got ${messageOf(cause)}`, cause);
}

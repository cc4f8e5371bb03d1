/**
 * The tier without workers: calls run in the thread of their caller, one after the other, from beginning to
 * end before control comes back. For guests that are trusted: one that never ends holds up the program, so
 * deadlines are refused, and one whose memory corrupts harms what it is in.
 *
 *   function(name) ─▶ DirectFunction ─▶ export           no token: counters at once, times in bulk (direct-calls.ts)
 *   run(), options ─▶ queue ─▶ send ─▶ export            a token, as on workers: tenants, signals, intended starts
 */
import { closedError } from '../../foundation/call-errors.ts';
import type { Clock } from '../../foundation/clock.ts';
import type { SandtuneError } from '../../foundation/errors.ts';
import { type CallBooks, Execution } from '../../measure/call.ts';
import { DirectCalls } from '../../measure/direct-calls.ts';
import { argumentsError } from '../module/arguments.ts';
import type { FunctionPlan, GuestCall } from './call.ts';
import { failureError } from './call-errors.ts';
import type { DirectTarget } from './direct-function.ts';
import { guestFailure } from './guest-failure.ts';
import type { GuestCallable } from './instance.ts';
import { Instances } from './instances.ts';
import type { Failure, WorkerSetup } from './protocol.ts';
import type { Tier, TierHost } from './tier.ts';

export interface ThreadTierOptions {
  readonly name: string;
  readonly setup: Pick<WorkerSetup, 'guests' | 'functions'>;
  readonly capacity: number;
  readonly clock: Clock;
}

export class ThreadTier implements Tier<true> {
  readonly aftermath = 'it had ended';
  readonly width = 1;
  readonly firstUnits = [true] as const;
  readonly #options: ThreadTierOptions;
  readonly #instances: Instances;
  #host!: TierHost;
  /** How long calls have run, ms. */
  busyMs = 0;

  constructor(options: ThreadTierOptions) {
    this.#options = options;
    this.#instances = new Instances(options.setup.guests, undefined);
  }

  serve(host: TierHost): void {
    this.#host = host;
  }

  /** Brings up guests that may fail. @returns the failures, `index` into `guests` */
  start(guests: readonly number[]): readonly Failure[] {
    return guests.flatMap((guest, index) => {
      try {
        void this.#instances.callables(guest, this.#options.capacity, this.#options.capacity);
        return [];
      } catch (thrown) {
        return [guestFailure(index, 'start', this.#options.setup.guests[guest], undefined, thrown, 0)];
      }
    });
  }

  get guestBytes(): number {
    return this.#instances.guestBytes();
  }

  // ------------------------------------------------------------ calls with a token

  free(): true {
    return true;
  }

  freeCount(): number {
    return Number.POSITIVE_INFINITY;
  }

  send(_unit: true, calls: readonly GuestCall[]): void {
    for (const call of calls) this.#send(call);
  }

  #send(call: GuestCall): void {
    const { clock } = this.#options;
    const { recorder, queue } = this.#host;
    const instances = this.#instances;
    const ran = new Execution();
    call.dispatched();
    ran.beganMs = clock.now();
    ran.receivedMs = ran.beganMs;
    let stage: Failure['stage'] = 'start';
    let value: unknown;
    let failure: Failure | undefined;
    const guest = this.#guestOf(call.plan);
    try {
      const callable = this.#callableOf(call.plan);
      if (!instances.hit) ran.coldStartMs = clock.now() - ran.beganMs;
      stage = 'execute';
      value = callable(...call.args);
    } catch (thrown) {
      failure = this.#failed(guest, stage, thrown, ran.beganMs);
    }
    ran.endedMs = clock.now();
    ran.returnedMs = ran.endedMs;
    ran.rank = instances.rank;
    this.busyMs += ran.endedMs - ran.beganMs;
    queue.returned(call);
    if (failure === undefined) return call.returned(value, ran);
    if (failure.refused) recorder.books.counters.violations++;
    call.failed('trap', failureError(call.plan.name, failure), ran);
  }

  // ------------------------------------------------------------ calls without one

  /** The function for calls that need nothing but their arguments. */
  targetOf(plan: FunctionPlan): DirectTarget {
    return new Direct(this, this.#instances, plan, this.#host, this.#options);
  }

  /** The function of one call. Sets `rank` and `hit` of the instances. @throws what keeps its guest from being brought up */
  #callableOf({ id }: FunctionPlan): GuestCallable {
    const [guest, local] = this.#options.setup.functions[id] as readonly [number, number];
    const { capacity } = this.#options;
    const ready = this.#instances.callables(guest, capacity, capacity) as readonly GuestCallable[];
    return ready[local] as GuestCallable;
  }

  /** The error of a call whose guest threw, whose instance is gone. */
  trapped(plan: FunctionPlan, stage: Failure['stage'], thrown: unknown, beganMs: number): SandtuneError {
    const failure = this.#failed(this.#guestOf(plan), stage, thrown, beganMs);
    if (failure.refused) this.#host.recorder.books.counters.violations++;
    return failureError(plan.name, failure);
  }

  #failed(guest: number, stage: Failure['stage'], thrown: unknown, beganMs: number): Failure {
    const instances = this.#instances;
    const described = guestFailure(0, stage, this.#options.setup.guests[guest], instances.of(guest), thrown, beganMs);
    instances.destroy(guest);
    return described;
  }

  #guestOf({ id }: FunctionPlan): number {
    return (this.#options.setup.functions[id] as readonly [number, number])[0];
  }

  // ------------------------------------------------------------ there is one thread, and it is not ours

  end(): void {}

  resize(): void {}

  async ready(): Promise<void> {}

  alone<T>(work: (units: readonly true[]) => Promise<T>): Promise<T> {
    return work(this.firstUnits);
  }

  async close(): Promise<void> {}
}

/** One function. Each way to call it is written out: arguments that are spread cost more than all else here. */
class Direct implements DirectTarget {
  readonly plan: FunctionPlan;
  readonly #tier: ThreadTier;
  readonly #instances: Instances;
  readonly #books: CallBooks;
  readonly #clock: Clock;
  readonly #calls: DirectCalls;
  readonly #guest: number;
  readonly #local: number;
  readonly #capacity: number;
  /** How long its instance took to start; NaN where a kept one serves it. */
  #coldStartMs = Number.NaN;
  #hasEntered = false;

  constructor(
    tier: ThreadTier,
    instances: Instances,
    plan: FunctionPlan,
    { recorder: { books } }: TierHost,
    { setup, capacity, clock }: ThreadTierOptions,
  ) {
    this.plan = plan;
    this.#tier = tier;
    this.#instances = instances;
    this.#books = books;
    this.#clock = clock;
    this.#calls = new DirectCalls(books, plan.series);
    [this.#guest, this.#local] = setup.functions[plan.id] as readonly [number, number];
    this.#capacity = capacity;
  }

  refused(args: readonly unknown[]): SandtuneError {
    const { name, signature } = this.plan;
    const wrong = signature && argumentsError(name, signature, args);
    return this.#reject(wrong ?? closedError(name));
  }

  call0(): unknown {
    const beganMs = this.#begins();
    let value: unknown;
    try {
      value = this.#callable(beganMs)();
    } catch (thrown) {
      throw this.#trapped(beganMs, thrown);
    }
    this.#ended(beganMs);
    return value;
  }

  call1(a: unknown): unknown {
    const beganMs = this.#begins();
    let value: unknown;
    try {
      value = this.#callable(beganMs)(a);
    } catch (thrown) {
      throw this.#trapped(beganMs, thrown);
    }
    this.#ended(beganMs);
    return value;
  }

  call2(a: unknown, b: unknown): unknown {
    const beganMs = this.#begins();
    let value: unknown;
    try {
      value = this.#callable(beganMs)(a, b);
    } catch (thrown) {
      throw this.#trapped(beganMs, thrown);
    }
    this.#ended(beganMs);
    return value;
  }

  call(args: readonly unknown[]): unknown {
    const beganMs = this.#begins();
    let value: unknown;
    try {
      value = this.#callable(beganMs)(...args);
    } catch (thrown) {
      throw this.#trapped(beganMs, thrown);
    }
    this.#ended(beganMs);
    return value;
  }

  #begins(): number {
    if (this.#books.closed) throw this.#reject(closedError(this.plan.name));
    this.#hasEntered = false;
    return this.#calls.begins();
  }

  #callable(beganMs: number): GuestCallable {
    const instances = this.#instances;
    const ready = instances.callables(this.#guest, this.#capacity, this.#capacity) as readonly GuestCallable[];
    this.#coldStartMs = instances.hit ? Number.NaN : this.#clock.now() - beganMs;
    this.#hasEntered = true;
    return ready[this.#local] as GuestCallable;
  }

  #ended(beganMs: number): void {
    this.#tier.busyMs += this.#calls.ended('ok', beganMs, this.#instances.rank, this.#coldStartMs, undefined);
  }

  #trapped(beganMs: number, thrown: unknown): SandtuneError {
    if (!this.#hasEntered) this.#coldStartMs = this.#clock.now() - beganMs;
    const error = this.#tier.trapped(this.plan, this.#hasEntered ? 'execute' : 'start', thrown, beganMs);
    this.#tier.busyMs += this.#calls.ended('trap', beganMs, this.#instances.rank, this.#coldStartMs, error);
    return error;
  }

  #reject(error: SandtuneError): SandtuneError {
    this.#calls.refused();
    return error;
  }
}

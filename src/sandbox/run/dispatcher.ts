/**
 * Our queue, and the way of every call:
 *
 *   submit ─▶ queue ─▶ (a lane is free) batch ─▶ worker ─▶ settle, each call exactly once
 *                ▲                                  │
 *                └── innocent members, once ◀── worker ended
 *
 * A batch leaves only when one of the first K workers is free, so piscina never queues. What is
 * already queued leaves at once; a batch that is not full waits for the end of the turn (all that is
 * submitted in one burst travels together), then up to the linger. Cost on this thread is what
 * limits calls per second: one message a batch, no timer and no listener a call.
 */
import type { CallOptions, Outcome, Stage } from '../../contracts.ts';
import type { Clock, Timers } from '../../foundation/clock.ts';
import { messageOf, type SandtuneError } from '../../foundation/errors.ts';
import type { CallOwner, Execution } from '../../measure/call.ts';
import type { Recorder } from '../../measure/recorder.ts';
import { argumentsError, wrongArguments } from '../module/arguments.ts';
import { fateOf, stageReached } from './after-death.ts';
import { type Batch, cloneError } from './batch.ts';
import { Call, type FunctionPlan } from './call.ts';
import { closedError, deadlineError, lostError, noWorkerError, queueFullError, unclonable } from './call-errors.ts';
import { CallQueue } from './call-queue.ts';
import type { LaneState } from './lane-state.ts';
import { Linger } from './linger.ts';
import type { WorkerSetup } from './protocol.ts';
import { ints, notBegun } from './protocol.ts';
import { type Settler, settleBatch } from './settle.ts';
import { Watchdog } from './watchdog.ts';
import { WorkerLanes } from './worker-lanes.ts';

export interface DispatcherOptions {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly deadlineMs: number;
  readonly maxQueue: number;
  readonly workerUrl: URL;
  readonly setup: WorkerSetup;
  readonly threads: number;
  readonly maxThreads: number;
  readonly batchSize: number;
  readonly batchLingerMs: number;
}

export class Dispatcher implements CallOwner<Call>, Settler {
  readonly recorder: Recorder;
  readonly lanes: WorkerLanes;
  readonly #options: DispatcherOptions;
  readonly #clock: Clock;
  readonly #queue = new CallQueue();
  readonly #watchdog: Watchdog;
  readonly #linger: Linger;
  #batchSize: number;
  #batchLingerMs: number;
  #flushSet = false;
  /** No lane was free when last looked, and none has become free since. */
  #saturated = false;
  #closing = false;
  #closed: Promise<void> | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.recorder = options.recorder;
    this.#clock = options.clock;
    this.#batchSize = options.batchSize;
    this.#batchLingerMs = options.batchLingerMs;
    this.lanes = new WorkerLanes(options, options.recorder.books, {
      started: () => this.recorder.workerStarted(),
      free: () => this.#becameFree(),
      returned: (state, batch, values) => this.#returned(state, batch, values),
      failed: (state, batch, error) => this.#failed(state, batch, error),
      overran: (state, index) => this.#overran(state, index),
      broken: (error) => this.#broken(error),
      wanted: () => this.recorder.inFlight > 0,
    });
    const { deadlineMs, clock, timers } = options;
    this.#linger = new Linger(timers, () => this.#flush());
    this.#watchdog = new Watchdog({ deadlineMs, clock, timers, lanes: () => this.lanes.all });
  }

  get batchSize(): number {
    return this.#batchSize;
  }

  set batchSize(value: number) {
    this.#batchSize = value;
    this.#becameFree();
  }

  get batchLingerMs(): number {
    return this.#batchLingerMs;
  }

  set batchLingerMs(value: number) {
    this.#batchLingerMs = value;
    this.#becameFree();
  }

  /** Calls waiting. */
  get queued(): number {
    return this.#queue.size;
  }

  submit(fn: FunctionPlan, args: readonly unknown[], given: CallOptions | undefined): Promise<unknown> {
    const call = new Call(this.recorder.books, fn, args, given);
    if (this.#closing) this.fail(call, 'rejected', closedError(fn.name));
    else if (!call.settled) this.#admit(call);
    return call.promise;
  }

  aborted(call: Call): void {
    const waited = call.queued;
    call.cancelled();
    call.drop();
    if (waited) this.#queue.cancelled();
  }

  /** Resolves when nothing is in flight and the workers are gone; a second call returns the same promise. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  get closing(): boolean {
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closing = true;
    this.#flush();
    await this.recorder.quiet();
    await this.lanes.destroy();
  }

  // ------------------------------------------------------------ settling

  succeed(call: Call, value: unknown, ran: Execution): void {
    call.ok(value, ran);
    call.drop();
  }

  fail(call: Call, outcome: Exclude<Outcome, 'ok'>, error: unknown, ran?: Execution): void {
    call.failed(outcome, error, ran);
    call.drop();
  }

  // ------------------------------------------------------------ in

  #admit(call: Call): void {
    const { fn } = call;
    const wrong = refusalOf(call);
    if (wrong) return this.fail(call, 'rejected', wrong);
    const { maxQueue } = this.#options;
    if (this.#queue.size >= maxQueue && this.#queue.size >= maxQueue + this.lanes.freeCount * this.#batchSize) {
      return this.fail(call, 'shed', queueFullError(fn.name, maxQueue));
    }
    call.follow(this);
    this.#queue.push(call);
    if (!this.#saturated) this.#flushSoon();
  }

  /** At the end of this turn, so that a burst fills its batch. */
  #flushSoon(): void {
    if (this.#flushSet) return;
    this.#flushSet = true;
    process.nextTick(() => {
      this.#flushSet = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#queue.size > 0) {
      const state = this.lanes.firstFree();
      if (!state) {
        this.#saturated = true;
        this.lanes.pool.wanted();
        return;
      }
      if (this.#lingers()) break;
      this.#dispatch(state);
    }
    this.lanes.confirmIdle();
  }

  /** True when the batch is not full and may still wait; it is then looked at again when it is due. */
  #lingers(): boolean {
    const queue = this.#queue;
    if (this.#batchLingerMs === 0 || queue.size >= this.#batchSize || this.#closing || queue.hasRetried) return false;
    const nowMs = this.#clock.now();
    return this.#linger.waits((queue.oldestMs() ?? nowMs) + this.#batchLingerMs, nowMs);
  }

  #dispatch(state: LaneState): void {
    this.lanes.send(state, this.#queue.take(this.#batchSize));
    this.#watchdog.watch();
  }

  #becameFree(): void {
    this.#saturated = false;
    this.#flushSoon();
  }

  // ------------------------------------------------------------ out

  #returned(state: LaneState, batch: Batch, values: readonly unknown[]): void {
    this.#saturated = false;
    // The worker is kept busy first; this batch's times are in a slot of their own.
    if (this.#queue.size >= this.#batchSize && this.lanes.firstFree() === state) this.#dispatch(state);
    settleBatch(this, state.slotOf(batch), batch, values);
    this.#flushSoon();
  }

  #overran(state: LaneState, index: number): void {
    const { batch } = state;
    const call = batch?.calls[index];
    if (batch && call && !call.settled) {
      const entered = Atomics.load(state.slotOf(batch).ints, ints.entered) === 1;
      this.#timeout(call, stageReached(index, entered, index));
    }
    this.lanes.end(state);
  }

  /** The worker ended, or the message could not be posted. */
  #failed(state: LaneState, batch: Batch, error: unknown): void {
    this.#saturated = false;
    const slot = state.slotOf(batch).ints;
    const running = Atomics.load(slot, ints.running);
    const entered = Atomics.load(slot, ints.entered) === 1;
    // Cloning reads the arguments and so may throw anything; what tells is that the worker is there and got nothing.
    const unposted = running === notBegun && !state.lane.doomed;
    if (!unposted) this.lanes.end(state);
    batch.calls.forEach((call, index) => {
      if (call.settled) return;
      if (unposted) return this.#sortOut(call, error);
      const fate = fateOf(running, index, {
        contained: call.fn.contained,
        idempotent: call.idempotent,
        retried: call.retried,
      });
      if (fate === 'retry') this.#again(call);
      else if (fate === 'timeout') this.#timeout(call, stageReached(running, entered, index));
      else this.fail(call, 'lost', lostError(call.fn.name, stageReached(running, entered, index), error));
    });
    this.#flushSoon();
  }

  #timeout(call: Call, stage: Stage): void {
    this.fail(call, 'timeout', deadlineError(call.fn.name, this.#options.deadlineMs, stage));
  }

  /** One member cannot be posted: it alone is refused. */
  #sortOut(call: Call, error: unknown): void {
    const wrong = cloneError(call.args);
    if (wrong === undefined && !call.retried) return this.#again(call);
    this.fail(call, 'rejected', unclonable(call.fn.name, wrong ?? error));
  }

  #again(call: Call): void {
    this.#queue.pushRetried(call);
  }

  #broken(error: unknown): void {
    this.#saturated = false;
    for (;;) {
      const calls = this.#queue.take(Number.MAX_SAFE_INTEGER);
      if (calls.length === 0) return;
      for (const call of calls) this.fail(call, 'lost', noWorkerError(call.fn.name, error));
    }
  }
}

/** Arguments may be anything, also what throws when it is read: then the call is refused, not half admitted. */
function refusalOf({ fn, args }: Call): SandtuneError | undefined {
  try {
    if (!Array.isArray(args)) {
      return wrongArguments(`${fn.name}: expected an array of arguments, got ${typeof args}`);
    }
    return fn.signature && argumentsError(fn.name, fn.signature, args);
  } catch (cause) {
    return wrongArguments(`${fn.name}: expected arguments that can be read, got ${messageOf(cause)}`, cause);
  }
}

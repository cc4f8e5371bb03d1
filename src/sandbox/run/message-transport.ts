/**
 * Calls to a worker and back in one message each way, a batch at a time, over piscina's own `run()`.
 * One flat array: no object a call is built or cloned. Progress, times and cache use come through the
 * slot of shared memory that the batch owns while it is out (protocol.ts).
 *
 *   send ─▶ encode ─▶ message ─▶ worker ─▶ back ─▶ the unit is free ─▶ each call settles
 *                        └─▶ no answer ─▶ each call is lost where it was, or refused
 *
 * Bytes are those of binary and text arguments and results; numbers and structure are not counted.
 * This is the hot path of the host thread.
 */
import type { Stage } from '../../contracts.ts';
import { maxWaitError } from '../../foundation/call-errors.ts';
import { type CallBooks, Dispatch, Execution } from '../../measure/call.ts';
import type { GuestCall } from './call.ts';
import { failureError } from './call-errors.ts';
import { compact } from './cloneable.ts';
import { checkGuest, type Failure, floats, ints, notBegun, type Slot, skip, stageReached } from './protocol.ts';
import type { WorkerUnit } from './worker-unit.ts';

/** A call that did not come back. */
export interface Unanswered {
  readonly call: GuestCall;
  /** How far it had come. */
  readonly stage: Stage;
  /** Why its arguments could not be sent; undefined where they were not at fault. */
  readonly argumentsFault: unknown;
}

export interface MessageTransportOptions {
  readonly books: CallBooks;
  /** Carries a message to this worker. Rejects with what the worker threw, or that it died, or a DataCloneError. */
  readonly sendMessage: (unit: WorkerUnit, message: readonly unknown[]) => Promise<unknown>;
  /** Called when a unit's batch is back, with the batch's slot; the calls are settled after this has returned. */
  readonly back: (unit: WorkerUnit, batch: Dispatch<GuestCall>, slot: Slot) => void;
  /** Called when a unit did not answer. @param isAlive true when it got no message and works on */
  readonly silent: (
    unit: WorkerUnit,
    batch: Dispatch<GuestCall>,
    isAlive: boolean,
    unanswered: readonly Unanswered[],
    cause: unknown,
  ) => void;
}

export class MessageTransport {
  readonly #options: MessageTransportOptions;
  /** How the call that is being settled ran; filled in anew for each. */
  readonly #ran = new Execution();

  constructor(options: MessageTransportOptions) {
    this.#options = options;
  }

  send(unit: WorkerUnit, calls: readonly GuestCall[]): void {
    const slot = this.#nextSlot(unit);
    const batch = new Dispatch<GuestCall>(this.#options.books, calls);
    const message: unknown[] = [unit.share * 2 + unit.turn, calls.length];
    batch.bytesIn = encode(message, calls);
    unit.batch = batch;
    this.#options.sendMessage(unit, message).then(
      (values) => {
        if (isAnswer(values, calls.length)) this.#back(unit, batch, slot, values);
        else this.#silent(unit, batch, slot, new Error('its worker did not answer with results'), true);
      },
      (error: unknown) => this.#silent(unit, batch, slot, error, false),
    );
  }

  /**
   * Makes an instance of each guest outside the worker's cache, to see whether that succeeds.
   * @returns the failures, one a guest at most, `index` into `guests`
   * @throws what the worker threw while it started
   */
  async check(unit: WorkerUnit, guests: readonly number[]): Promise<readonly Failure[]> {
    this.#nextSlot(unit);
    const message = [
      unit.share * 2 + unit.turn,
      guests.length,
      ...guests.flatMap((guest) => [checkGuest(guest), 0, 1]),
    ];
    const values = (await this.#options.sendMessage(unit, message)) as readonly unknown[];
    return (values[guests.length] ?? []) as readonly Failure[];
  }

  #nextSlot(unit: WorkerUnit): Slot {
    unit.turn = unit.turn === 0 ? 1 : 0;
    const slot = unit.slots[unit.turn];
    Atomics.store(slot.ints, ints.running, notBegun);
    Atomics.store(slot.ints, ints.entered, 0);
    if (unit.skips[unit.turn]) {
      unit.skips[unit.turn] = false;
      slot.ints.fill(skip.no, ints.skipped);
    }
    return slot;
  }

  /** @param values length = calls in the batch, then the failures, ascending by index, if there are any */
  #back(unit: WorkerUnit, batch: Dispatch<GuestCall>, slot: Slot, values: readonly unknown[]): void {
    const { calls } = batch;
    batch.returned();
    unit.batch = null;
    // The worker gets its next batch before these calls settle; the times of this batch are in a slot of its own.
    const hasSkips = unit.skips[slot === unit.slots[0] ? 0 : 1];
    this.#options.back(unit, batch, slot);
    const failures = values[calls.length] as readonly Failure[] | undefined;
    const ran = this.#ran;
    let nextFailure = 0;
    ran.receivedMs = slot.floats[floats.receivedMs] as number;
    ran.returnedMs = slot.floats[floats.returnedMs] as number;
    let beganMs = ran.receivedMs;
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i] as GuestCall;
      ran.beganMs = beganMs;
      beganMs = slot.floats[floats.ended + i] as number;
      ran.endedMs = beganMs;
      ran.coldStartMs = slot.floats[floats.coldStartMs + i] as number;
      ran.rank = slot.ints[ints.ranks + i] as number;
      if (hasSkips && slot.ints[ints.skipped + i] === skip.done) {
        // It was settled when it was taken back, unless the worker was just there: then it has waited too long.
        call.failed('shed', maxWaitError(call.plan.name, call.limits?.maxWaitMs ?? 0));
        continue;
      }
      const failure = failures?.[nextFailure]?.index === i ? failures[nextFailure++] : undefined;
      if (failure) {
        ran.bytesOut = 0;
        if (failure.refused) this.#options.books.counters.violations++;
        call.failed('trap', failureError(call.plan.name, failure), ran);
      } else {
        const value = values[i];
        ran.bytesOut = call.settled ? 0 : bytesOf(value);
        call.ok(value, ran);
      }
    }
  }

  /**
   * The worker ended, the message could not be sent, or what came back is no answer.
   * @param isAnswered the worker did answer, with something else
   */
  #silent(unit: WorkerUnit, batch: Dispatch<GuestCall>, slot: Slot, cause: unknown, isAnswered: boolean): void {
    unit.batch = null;
    const running = Atomics.load(slot.ints, ints.running);
    const entered = Atomics.load(slot.ints, ints.entered) === 1;
    // Cloning reads the arguments, which may throw anything, so `cause` does not tell whether the
    // worker is alive. It is
    // when it has begun nothing and was not asked to end.
    const isAlive = running === notBegun && !unit.doomed && !isAnswered;
    const unanswered = batch.calls.map((call, index) => ({
      call,
      stage: stageReached(running, entered, index),
      // A retried call travelled alone, so `cause` is its own.
      argumentsFault: isAlive ? (cloneError(call.args) ?? (call.retried ? cause : undefined)) : undefined,
    }));
    this.#options.silent(unit, batch, isAlive, unanswered, cause);
  }
}

/** Code in the worker that answers in place of our own may answer anything. */
function isAnswer(values: unknown, count: number): values is readonly unknown[] {
  return Array.isArray(values) && values.length >= count;
}

/**
 * Appends the calls to `message`. Never throws: in place of arguments that cannot be read it puts a value
 * that cannot be cloned, so that sending fails and that one call is refused.
 * @returns bytes of the arguments
 */
function encode(message: unknown[], calls: readonly GuestCall[]): number {
  let bytes = 0;
  /** Where the count stands of the calls in a row that have one function and one number of arguments. */
  let countAt = -1;
  let fn = -1;
  let argc = -1;
  for (let i = 0; i < calls.length; i++) {
    const { plan, args } = calls[i] as GuestCall;
    const at = message.length;
    try {
      if (plan.id !== fn || args.length !== argc) {
        fn = plan.id;
        argc = args.length;
        countAt = message.push(fn, argc, 0) - 1;
      }
      for (let j = 0; j < argc; j++) {
        const arg = sendable(args[j]);
        bytes += bytesOf(arg);
        message.push(arg);
      }
      (message[countAt] as number)++;
    } catch {
      message.length = at;
      message.push(plan.id, 1, 1, cannotBeCloned);
      fn = -1;
    }
  }
  return bytes;
}

function cannotBeCloned(): void {}

function sendable(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !ArrayBuffer.isView(arg)) return arg;
  // A view is sent with its whole buffer, which for a small Buffer of Node's is 64 KiB. Shared memory stays shared.
  return arg.buffer instanceof SharedArrayBuffer ? arg : compact(arg);
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null && ArrayBuffer.isView(value) ? value.byteLength : 0;
}

/** The error of arguments that cannot be cloned; undefined when they can. */
function cloneError(args: readonly unknown[]): unknown {
  try {
    structuredClone(args);
    return undefined;
  } catch (error) {
    return error;
  }
}

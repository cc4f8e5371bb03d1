/**
 * Calls to a worker and back in one message each way, a batch at a time, over piscina's own `run()`.
 * One flat array: no object a call is built or cloned. Progress, times and cache use come through the
 * slot of shared memory that the batch owns while it is out (protocol.ts).
 *
 *   send ─▶ encode ─▶ post ─▶ worker ─▶ back ─▶ the unit is free ─▶ each call settles
 *                       └─▶ no answer ─▶ each call is lost where it was, or refused
 *
 * Bytes are those of binary and text arguments and results; numbers and structure are not counted.
 * This is the hot path of the host thread.
 */
import type { Stage } from '../../contracts.ts';
import { type CallBooks, Dispatch, Execution } from '../../measure/call.ts';
import type { GuestCall } from './call.ts';
import { failureError } from './call-errors.ts';
import { compact } from './cloneable.ts';
import { checkGuest, type Failure, floats, ints, notBegun, type Slot, stageReached } from './protocol.ts';
import type { WorkerUnit } from './worker-unit.ts';

/** A call that did not come back. */
export interface Unanswered {
  readonly call: GuestCall;
  /** How far it had come. */
  readonly stage: Stage;
  /** Why it could not be posted; undefined where that was not its fault. */
  readonly unpostable: unknown;
}

export interface MessageTransportOptions {
  readonly books: CallBooks;
  /** Carries a message to this worker. Rejects with what the worker threw, or that it died, or a DataCloneError. */
  readonly post: (unit: WorkerUnit, message: readonly unknown[]) => Promise<unknown>;
  /** The unit's batch is back, with its slot; its calls are settled when this returns. */
  readonly back: (unit: WorkerUnit, batch: Dispatch<GuestCall>, slot: Slot) => void;
  /** The unit did not answer. @param isAlive it got nothing, and works on */
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
  /** Of the call that is being settled. */
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
    this.#options.post(unit, message).then(
      (values) => this.#back(unit, batch, slot, values as readonly unknown[]),
      (error: unknown) => this.#silent(unit, batch, slot, error),
    );
  }

  /**
   * Brings up guests, apart from the cache.
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
    const values = (await this.#options.post(unit, message)) as readonly unknown[];
    return (values[guests.length] ?? []) as readonly Failure[];
  }

  #nextSlot(unit: WorkerUnit): Slot {
    unit.turn = unit.turn === 0 ? 1 : 0;
    const slot = unit.slots[unit.turn];
    Atomics.store(slot.ints, ints.running, notBegun);
    Atomics.store(slot.ints, ints.entered, 0);
    return slot;
  }

  /** @param values length = calls in the batch, then the failures, ascending by index, if there are any */
  #back(unit: WorkerUnit, batch: Dispatch<GuestCall>, slot: Slot, values: readonly unknown[]): void {
    const { calls } = batch;
    batch.returned();
    unit.batch = null;
    // The worker is kept busy first; this batch's times are in a slot of their own.
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
      const failure = failures?.[nextFailure]?.index === i ? failures[nextFailure++] : undefined;
      if (failure) {
        ran.bytesOut = 0;
        call.failed('trap', failureError(call.plan.name, failure), ran);
      } else {
        const value = values[i];
        ran.bytesOut = call.settled ? 0 : bytesOf(value);
        call.ok(value, ran);
      }
    }
  }

  /** The worker ended, or the message could not be posted. */
  #silent(unit: WorkerUnit, batch: Dispatch<GuestCall>, slot: Slot, cause: unknown): void {
    unit.batch = null;
    const running = Atomics.load(slot.ints, ints.running);
    const entered = Atomics.load(slot.ints, ints.entered) === 1;
    // Cloning reads the arguments and so may throw anything; what tells is that the worker is there and got nothing.
    const isAlive = running === notBegun && !unit.doomed;
    const unanswered = batch.calls.map((call, index) => ({
      call,
      stage: stageReached(running, entered, index),
      // A call that travelled alone can have no neighbour to blame.
      unpostable: isAlive ? (cloneError(call.args) ?? (call.retried ? cause : undefined)) : undefined,
    }));
    this.#options.silent(unit, batch, isAlive, unanswered, cause);
  }
}

/** Never throws: what cannot be read is left for the posting to refuse, and with it the one call. @returns bytes */
function encode(message: unknown[], calls: readonly GuestCall[]): number {
  let bytes = 0;
  /** Of the run that is being written. */
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
        const arg = posted(args[j]);
        bytes += bytesOf(arg);
        message.push(arg);
      }
      (message[countAt] as number)++;
    } catch {
      message.length = at;
      message.push(plan.id, 1, 1, cannotBePosted);
      fn = -1;
    }
  }
  return bytes;
}

function cannotBePosted(): void {}

function posted(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !ArrayBuffer.isView(arg)) return arg;
  // A view is posted with its whole buffer: Node's pooled Buffers would take 64 KiB along. Shared ones stay shared.
  return arg.buffer instanceof SharedArrayBuffer ? arg : compact(arg);
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null && ArrayBuffer.isView(value) ? value.byteLength : 0;
}

/** The error of arguments that cannot be posted; undefined when they can. */
function cloneError(args: readonly unknown[]): unknown {
  try {
    structuredClone(args);
    return undefined;
  } catch (error) {
    return error;
  }
}

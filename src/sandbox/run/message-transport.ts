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
import { bytesOf } from '../../foundation/bytes.ts';
import { maxWaitError } from '../../foundation/call-errors.ts';
import { Dispatch, Execution } from '../../measure/call.ts';
import type { GuestCall } from './call.ts';
import { exitError, failureError } from './call-errors.ts';
import { cloneError, sendable } from './cloneable.ts';
import {
  checkGuest,
  condemned,
  type Failure,
  floats,
  ints,
  notBegun,
  type Slot,
  skip,
  stageReached,
} from './protocol.ts';
import type { Transport, TransportHost } from './transport.ts';
import { Watchdog } from './watchdog.ts';
import { abandonedGraceMs, type WorkerUnit } from './worker-unit.ts';

export interface MessageTransportOptions {
  readonly host: TransportHost;
  /** Carries a message to this worker. Rejects with what the worker threw, or that it died, or a DataCloneError. */
  readonly sendMessage: (unit: WorkerUnit, message: readonly unknown[]) => Promise<unknown>;
}

export class MessageTransport implements Transport {
  readonly held = 0;
  readonly #options: MessageTransportOptions;
  readonly #host: TransportHost;
  readonly #watchdog: Watchdog<WorkerUnit>;
  /** How the call that is being settled ran; filled in anew for each. */
  readonly #ran = new Execution();

  constructor(options: MessageTransportOptions) {
    const { host } = options;
    this.#options = options;
    this.#host = host;
    this.#watchdog = new Watchdog({
      deadlineMs: host.deadlineMs,
      clock: host.clock,
      timers: host.timers,
      units: () => host.units(),
      overran: (unit, index) => this.#overran(unit, index),
    });
  }

  begin(): void {}

  choose(units: readonly WorkerUnit[], limit: number): WorkerUnit | undefined {
    let seen = 0;
    for (let i = 0; i < units.length && seen < limit; i++) {
      const unit = units[i] as WorkerUnit;
      if (unit.doomed) continue;
      if (unit.batch === null && unit.link === null) return unit;
      seen++;
    }
    return undefined;
  }

  send(unit: WorkerUnit, calls: readonly GuestCall[]): void {
    const slot = this.#nextSlot(unit);
    const batch = new Dispatch<GuestCall>(this.#host.books, calls);
    const message: unknown[] = [unit.share * 2 + unit.turn, calls.length];
    batch.bytesIn = encode(message, calls);
    unit.batch = batch;
    unit.busySinceMs = batch.atMs;
    this.#watch(unit, calls);
    this.#options.sendMessage(unit, message).then(
      (values) => {
        if (isAnswer(values, calls.length)) this.#back(unit, batch, slot, values);
        else this.#silent(unit, batch, slot, new Error('its worker did not answer with results'), true);
      },
      (error: unknown) => this.#silent(unit, batch, slot, error, false),
    );
  }

  #watch(unit: WorkerUnit, calls: readonly GuestCall[]): void {
    const watchdog = this.#watchdog;
    if (!watchdog.isSet) watchdog.watch();
    let shortestMs = this.#host.deadlineMs;
    let isOwn = false;
    for (let i = 0; i < calls.length; i++) {
      const { limits } = calls[i] as GuestCall;
      if (limits === null || limits.deadlineMs >= shortestMs) continue;
      shortestMs = limits.deadlineMs;
      isOwn = true;
    }
    unit.shortestMs = shortestMs;
    if (isOwn) watchdog.within(shortestMs);
  }

  takeBack(call: GuestCall): boolean {
    const [unit, index] = this.#placeOf(call);
    if (!unit) return false;
    const running = unit.skip(index);
    return index > (running < notBegun ? condemned(running) : running);
  }

  /** A call that has not begun is passed over; one that runs gets a little longer before its worker is ended. */
  abandoned(call: GuestCall): void {
    const [unit, index] = this.#placeOf(call);
    if (!unit || unit.skip(index) !== index) return;
    call.abandonedMs = this.#host.clock.now();
    this.#watchdog.within(abandonedGraceMs);
  }

  /** The unit that has the call out, and the place of the call in its batch. */
  #placeOf(call: GuestCall): [WorkerUnit | undefined, number] {
    for (const unit of this.#host.units()) {
      const index = unit.batch?.calls.indexOf(call) ?? -1;
      if (index >= 0) return [unit, index];
    }
    return [undefined, -1];
  }

  #overran(unit: WorkerUnit, index: number): void {
    const call = unit.batch?.calls[index];
    const entered = Atomics.load(unit.slots[unit.turn].ints, ints.entered) === 1;
    if (call) this.#host.failures.overran(call, entered ? 'execute' : 'start');
    this.#host.end(unit);
  }

  /** An empty batch is answered by the worker. */
  confirm(unit: WorkerUnit): void {
    this.send(unit, []);
  }

  /** Its last message, if any, is about to reject. */
  gone(): void {}

  close(): void {
    this.#watchdog.stop();
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
    unit.pastBusyMs += batch.returnedMs - batch.atMs;
    unit.busySinceMs = Number.NaN;
    unit.capacity = slot.ints[ints.capacity];
    // The worker gets its next batch before these calls settle; the times of this batch are in a slot of its own.
    const hasSkips = unit.skips[slot === unit.slots[0] ? 0 : 1];
    this.#host.back(unit, calls[0] ?? null, calls.length > 0);
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
        if (failure.refused) this.#host.books.counters.violations++;
        call.failed('trap', failureError(call.plan.name, failure), ran);
      } else {
        const value = values[i];
        ran.bytesOut = typeof value === 'number' || call.settled ? 0 : bytesOf(value);
        call.returned(value, ran);
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
    unit.pastBusyMs += this.#host.clock.now() - batch.atMs;
    unit.busySinceMs = Number.NaN;
    const stages = batch.calls.map((_, index) => stageReached(running, entered, index));
    // The worker is ended before its calls are repeated, so that none of them goes to it again.
    if (!isAlive) this.#host.end(unit);
    const end = unit.exitCode === undefined ? cause : exitError(unit.exitCode, cause);
    const [first] = batch.calls;
    if (first) this.#host.queue.left(first);
    batch.calls.forEach((call, index) => {
      // A retried call travelled alone, so `cause` is its own.
      const fault = isAlive ? (cloneError(call.args) ?? (call.retried ? cause : undefined)) : undefined;
      if (fault === undefined) this.#host.failures.lost(call, stages[index] as Stage, end);
      else this.#host.failures.refused(call, fault);
    });
    if (batch.calls.length > 0) this.#host.queue.returned(null);
    this.#host.changed();
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
        const arg = args[j];
        if (typeof arg === 'number') {
          message.push(arg);
          continue;
        }
        const sent = sendable(arg);
        bytes += bytesOf(sent);
        message.push(sent);
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

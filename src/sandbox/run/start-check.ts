/**
 * Has one worker bring up the guests of a sandbox, each under a deadline, before the sandbox takes calls. What
 * the guest's own code or its binding does then (throw, end its thread, never end) is told as that guest's:
 * whose turn it was stands in the slot of shared memory, also once the worker is gone.
 *
 *   check ─▶ answer: failures, one a guest at most
 *       ├──▶ the worker ended       ─▶ failure of the guest whose turn it was
 *       └──▶ the deadline of a turn ─▶ likewise
 */
import type { Clock, Timers } from '../../foundation/clock.ts';
import { messageOf } from '../../foundation/errors.ts';
import { durationText } from '../../foundation/units.ts';
import type { MessageTransport } from './message-transport.ts';
import { type Failure, ints, type Slot } from './protocol.ts';
import { describeThrown } from './thrown.ts';
import { Watchdog } from './watchdog.ts';
import type { WorkerUnit } from './worker-unit.ts';

export interface StartCheck {
  readonly transport: Pick<MessageTransport, 'check'>;
  readonly unit: WorkerUnit;
  /** Those that are to be brought up. */
  readonly guests: readonly number[];
  /** Longest time of one guest. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

/**
 * @returns the failures, ascending by `index` into `guests`
 * @throws what the worker threw or ended with while it was no guest's turn
 */
export async function checkGuests(start: StartCheck): Promise<readonly Failure[]> {
  const { transport, unit, guests, deadlineMs, clock, timers } = start;
  const answer = transport.check(unit, guests);
  const slot = unit.slots[unit.turn];
  const overrun = Promise.withResolvers<readonly Failure[]>();
  const watchdog = new Watchdog({
    deadlineMs,
    clock,
    timers,
    units: () => [{ busySlot: () => slot.ints, batchCalls: guests.length }],
    overran: (_, index) => overrun.resolve([overrunFailure(index, deadlineMs)]),
  });
  if (guests.length > 0) watchdog.watch();
  try {
    return await Promise.race([
      answer.catch((cause: unknown) => [endFailure(slot, guests.length, cause)]),
      overrun.promise,
    ]);
  } finally {
    watchdog.stop();
  }
}

function overrunFailure(index: number, deadlineMs: number): Failure {
  const fault = `expected its binding to bring up an instance within ${durationText(deadlineMs)} (startDeadlineMs), got none`;
  return { index, stage: 'start', fault, thrown: undefined };
}

function endFailure(slot: Slot, count: number, cause: unknown): Failure {
  const index = Atomics.load(slot.ints, ints.running);
  if (index < 0 || index >= count) throw cause;
  const fault = `expected its binding to bring up an instance, but that ended its worker: ${messageOf(cause)}`;
  return { index, stage: 'start', fault, thrown: describeThrown(cause) };
}

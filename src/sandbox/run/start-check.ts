/**
 * Has one worker bring up the guests of a sandbox, each under a deadline, before the sandbox takes calls. What
 * a guest or its binding does then (throw, end its thread, never end) is told as that guest's: whose turn it
 * was stands in the slot of shared memory, also once the worker is gone.
 *
 *   check ─▶ answer: failures, one a guest at most
 *       ├──▶ the worker ended       ─▶ failure of the guest whose turn it was
 *       └──▶ the deadline of a turn ─▶ likewise
 */
import type { Clock, Timers } from '../../foundation/clock.ts';
import { messageOf } from '../../foundation/errors.ts';
import { durationText } from '../../foundation/units.ts';
import type { MessageTransport } from './message-transport.ts';
import { condemned, type Failure, ints, type Slot } from './protocol.ts';
import { describeThrown } from './thrown.ts';
import type { WorkerUnit } from './worker-unit.ts';

export interface StartCheck {
  readonly transport: Pick<MessageTransport, 'check'>;
  readonly unit: WorkerUnit;
  /** Those that are to be brought up. */
  readonly guests: readonly number[];
  /** True for one of them that has a binding. */
  readonly isBound: (guest: number) => boolean;
  /** Longest time of one guest. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** What a turn has taken so far, ms. */
interface Spent {
  readonly wallMs: number;
  /** CPU time of the process. */
  readonly cpuMs: number;
  /** Time in which the worker's event loop had nothing to do. */
  readonly idleMs: number;
}

const pollMs = 50;
/** How many times longer than its deadline a turn may take where the machine is too busy to give it CPU time. */
const mostStretch = 10;

/**
 * Whether a turn has taken too long: it has worked for so long, or waited for so long. On a machine with other
 * things to do it is given time, since a deadline that passes while a thread is not given a CPU says nothing
 * of its guest. Pure.
 */
export function isOverdue({ wallMs, cpuMs, idleMs }: Spent, deadlineMs: number): boolean {
  if (wallMs < deadlineMs) return false;
  return cpuMs >= deadlineMs || idleMs >= deadlineMs || wallMs >= mostStretch * deadlineMs;
}

/**
 * @returns the failures, ascending by `index` into `guests`
 * @throws what the worker threw or ended with while it was no guest's turn
 */
export async function checkStart(start: StartCheck): Promise<readonly Failure[]> {
  const { transport, unit, guests } = start;
  const answer = transport.check(unit, guests);
  const slot = unit.slots[unit.turn];
  const over = new AbortController();
  const answered = answer.catch((cause: unknown) => [endFailure(start, slot, cause)]);
  try {
    return await Promise.race([answered, overdueTurn(start, slot, over.signal)]);
  } finally {
    over.abort();
  }
}

/** Resolves once a turn has taken too long; its guest is condemned. Never settles when `over` comes first. */
async function overdueTurn(start: StartCheck, slot: Slot, over: AbortSignal): Promise<readonly Failure[]> {
  const { unit, guests, deadlineMs, clock, timers } = start;
  const meter = () => ({
    wallMs: clock.now(),
    cpuMs: cpuMsOf(process.cpuUsage()),
    idleMs: unit.worker.performance.eventLoopUtilization().idle,
  });
  let turn = -1;
  let began = meter();
  while (!over.aborted) {
    await timers.sleep(Math.min(pollMs, deadlineMs), { signal: over }).catch(() => {});
    const running = Atomics.load(slot.ints, ints.running);
    const now = meter();
    if (running !== turn) {
      turn = running;
      began = now;
    } else if (turn >= 0 && turn < guests.length && isOverdue(since(began, now), deadlineMs)) {
      if (Atomics.compareExchange(slot.ints, ints.running, turn, condemned(turn)) === turn)
        return [overdueFailure(start, turn)];
    }
  }
  return new Promise(() => {});
}

function since(began: Spent, now: Spent): Spent {
  return {
    wallMs: now.wallMs - began.wallMs,
    cpuMs: now.cpuMs - began.cpuMs,
    idleMs: now.idleMs - began.idleMs,
  };
}

function cpuMsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

function overdueFailure(start: StartCheck, index: number): Failure {
  const within = `within ${durationText(start.deadlineMs)} (startDeadlineMs), got`;
  const fault = isBound(start, index)
    ? `expected its binding and its start function to bring up an instance ${within} none`
    : `expected its start function to end ${within} no end`;
  return { index, stage: 'start', fault, thrown: undefined, isMissing: false, refused: false };
}

function endFailure(start: StartCheck, slot: Slot, cause: unknown): Failure {
  const index = Atomics.load(slot.ints, ints.running);
  if (index < 0 || index >= start.guests.length) throw cause;
  const subject = isBound(start, index) ? 'its binding' : 'its start function';
  const fault = `expected ${subject} to bring up an instance, but that ended its worker: ${messageOf(cause)}`;
  return { index, stage: 'start', fault, thrown: describeThrown(cause), isMissing: false, refused: false };
}

function isBound({ guests, isBound }: StartCheck, turn: number): boolean {
  return isBound(guests[turn] as number);
}

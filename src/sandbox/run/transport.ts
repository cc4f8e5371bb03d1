/**
 * How calls reach the workers of a tier and come back. A tier has one; which workers there are, and when
 * one comes or ends, is the tier's affair.
 *
 *   queue ── free() ──▶ tier ── choose(units) ──▶ Transport ── send(unit, calls) ──▶ worker
 *                        ▲                            │
 *                        └── back(unit) ◀─────────────┤
 *                            failures   ◀─────────────┴─ lost, overran, refused
 */
import type { DispatchQueue } from '../../executor/dispatch-queue.ts';
import type { Clock, Timers } from '../../foundation/clock.ts';
import type { CallBooks } from '../../measure/call.ts';
import type { GuestCall } from './call.ts';
import type { TierFailures } from './tier.ts';
import type { WorkerUnit } from './worker-unit.ts';

export interface Transport {
  /** A worker is ready, and its guests are checked: it may be sent calls from now on. */
  begin(unit: WorkerUnit): void;
  /**
   * The unit that takes the next dispatch, of the first `limit` that are alive; undefined when none can.
   * @param alone true where it is to have nothing else meanwhile
   * @param isShared true where it is to hold no more than keeps it at work
   */
  choose(units: readonly WorkerUnit[], limit: number, alone: boolean, isShared?: boolean): WorkerUnit | undefined;
  /** Takes calls over for a unit that it chose. */
  send(unit: WorkerUnit, calls: readonly GuestCall[]): void;
  /** Takes over one call alone. @param atMs when it was given over; NaN: now. Absent: it is sent as the others are */
  sendOne?(unit: WorkerUnit, call: GuestCall, atMs: number): void;
  /** True when the call was with a unit, has not begun and never will. */
  takeBack(call: GuestCall): boolean;
  /** Nobody waits for the call any more: it is passed over, or its worker ended if it runs on. */
  abandoned(call: GuestCall): void;
  /** Has the unit answer under the cache capacity that is now in shared memory. */
  confirm(unit: WorkerUnit): void;
  /** The worker of the unit has ended. */
  gone(unit: WorkerUnit): void;
  /** The workers are about to be ended, when no call runs any more. */
  close(): void;
  /** Calls that units hold beyond those that may run. */
  readonly held: number;
}

/** The tier, as its transport sees it. */
export interface TransportHost {
  readonly books: CallBooks;
  readonly queue: Pick<DispatchQueue<GuestCall>, 'left' | 'returned'>;
  readonly failures: TierFailures;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly deadlineMs: number;
  /** All that have not ended. */
  units(): readonly WorkerUnit[];
  /** Those that calls are routed to now. */
  inUse(): readonly WorkerUnit[];
  /** Asks its worker to end. */
  end(unit: WorkerUnit): void;
  /**
   * The unit has answered; `capacity` is what it worked under.
   * @param first the first call of a dispatch that is back with it
   * @param dispatch true when there is one, of which the queue is to be told
   */
  back(unit: WorkerUnit, first: GuestCall | null, dispatch: boolean): void;
  /** Something that was waited for may be true now. */
  changed(): void;
}

/**
 * What the caller of one call bounds it by, and the alarm that goes off then. A call without bounds has
 * none, and costs nothing here.
 *
 *   offered ──── maxWaitMs ────▶ its work has not begun ──▶ keeper.waitedTooLong(call)
 *   work begins ─ deadlineMs ──▶ it is not settled ───────▶ keeper.overran(call)
 *   settled ──▶ nothing is due any more
 */

import type { Alarm, Alarms } from '../foundation/alarms.ts';
import type { ReadCallOptions } from '../foundation/call-options.ts';

/** What is known here of a call. */
interface Bounded {
  readonly offeredMs: number;
}

/** Ends calls that have come to their bounds. */
export interface LimitKeeper<C> {
  waitedTooLong(call: C): void;
  overran(call: C): void;
}

export class CallLimits implements Alarm {
  /** Infinity where there is none. */
  readonly maxWaitMs: number;
  /** Infinity where there is none. */
  readonly deadlineMs: number;
  dueMs = Number.NaN;
  place = -1;
  #alarms: Alarms | null = null;
  #call: Bounded | null = null;
  #keeper: LimitKeeper<never> | null = null;
  #hasBegun = false;

  constructor(maxWaitMs: number, deadlineMs: number) {
    this.maxWaitMs = maxWaitMs;
    this.deadlineMs = deadlineMs;
  }

  /** The call waits from now on for its work to begin. */
  waits<C extends Bounded>(call: C, alarms: Alarms, keeper: LimitKeeper<C>): void {
    this.#alarms = alarms;
    this.#call = call;
    this.#keeper = keeper;
    if (this.maxWaitMs < Number.POSITIVE_INFINITY) alarms.set(this, call.offeredMs + this.maxWaitMs);
  }

  /** Its work begins now; where this is called again, it has begun only now. */
  begins(): void {
    const alarms = this.#alarms;
    if (alarms === null) return;
    this.#hasBegun = true;
    if (this.deadlineMs < Number.POSITIVE_INFINITY) alarms.set(this, alarms.nowMs + this.deadlineMs);
    else alarms.clear(this);
  }

  /** Its worker died, and the call is about to be repeated: nothing is due before its work begins again. */
  pauses(): void {
    if (this.#hasBegun) this.#alarms?.clear(this);
  }

  /** The call is settled. */
  ended(): void {
    this.#alarms?.clear(this);
    this.#alarms = null;
  }

  ring(): void {
    if (this.#hasBegun) this.#keeper?.overran(this.#call as never);
    else this.#keeper?.waitedTooLong(this.#call as never);
  }
}

/** Of options that were read; null where they bound nothing. */
export function limitsOf({ maxWaitMs, deadlineMs }: ReadCallOptions): CallLimits | null {
  const isBounded = maxWaitMs < Number.POSITIVE_INFINITY || deadlineMs < Number.POSITIVE_INFINITY;
  return isBounded ? new CallLimits(maxWaitMs, deadlineMs) : null;
}

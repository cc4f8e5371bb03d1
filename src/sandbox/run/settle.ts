/**
 * Settles a batch that came back, in one pass: value or failure, times, cache use, trace. The hot
 * path of the host thread.
 */
import type { Outcome } from '../../contracts.ts';
import { Execution } from '../../measure/call.ts';
import { type Batch, bytesOf } from './batch.ts';
import type { Call } from './call.ts';
import { failureError } from './call-errors.ts';
import { type Failure, floats, ints, isHit, rankOf, type Slot } from './protocol.ts';

export interface Settler {
  succeed(call: Call, value: unknown, ran: Execution): void;
  fail(call: Call, outcome: Exclude<Outcome, 'ok'>, error: unknown, ran: Execution): void;
}

/** Of the call that is being settled. */
const ran = new Execution();

/** @param values length = calls in the batch, then the failures, ascending by index, if there are any */
export function settleBatch(settler: Settler, slot: Slot, batch: Batch, values: readonly unknown[]): void {
  const { calls } = batch;
  batch.returned();
  const failures = values[calls.length] as readonly Failure[] | undefined;
  let nextFailure = 0;
  ran.receivedMs = slot.floats[floats.receivedMs] as number;
  ran.returnedMs = slot.floats[floats.returnedMs] as number;
  let beganMs = ran.receivedMs;
  for (let i = 0; i < calls.length; i++) {
    const call = calls[i] as Call;
    const mark = slot.ints[ints.marks + i] as number;
    ran.beganMs = beganMs;
    ran.endedMs = slot.floats[floats.ended + i] as number;
    ran.coldStartMs = isHit(mark) ? Number.NaN : (slot.floats[floats.coldMs + i] as number);
    ran.rank = rankOf(mark);
    ran.bytesOut = 0;
    beganMs = ran.endedMs;
    const failure = failures?.[nextFailure]?.index === i ? failures[nextFailure++] : undefined;
    if (failure) {
      settler.fail(call, 'trap', failureError(call.fn.name, failure), ran);
    } else {
      const value = values[i];
      if (!call.settled) ran.bytesOut = bytesOf(value);
      settler.succeed(call, value, ran);
    }
  }
}

/**
 * Settles a batch that came back, in one pass: value or failure, times, cache use, trace. The hot
 * path of the host thread.
 */
import type { Outcome } from '../../contracts.ts';
import type { Recorder } from '../../measure/recorder.ts';
import { type Batch, bytesOf } from './batch.ts';
import type { Call } from './call.ts';
import { failureError } from './call-errors.ts';
import { type Failure, floats, ints, isHit, rankOf, type Slot } from './protocol.ts';

export interface Settler {
  readonly recorder: Recorder;
  succeed(call: Call, value: unknown): void;
  fail(call: Call, outcome: Exclude<Outcome, 'ok'>, error: unknown): void;
}

/** @param values length = calls in the batch, then the failures, ascending by index, if there are any */
export function settleBatch(
  settler: Settler,
  slot: Slot,
  batch: Batch,
  values: readonly unknown[],
  settledMs: number,
): void {
  const { recorder } = settler;
  const { calls, dispatchedMs } = batch;
  const failures = values[calls.length] as readonly Failure[] | undefined;
  let nextFailure = 0;
  let beganMs = slot.floats[floats.receivedMs] as number;
  let executeMs = 0;
  let bytesOut = 0;
  for (let i = 0; i < calls.length; i++) {
    const call = calls[i] as Call;
    const endedMs = slot.floats[floats.ended + i] as number;
    const serviceMs = endedMs - beganMs;
    const coldMs = countReference(recorder, call, slot, i);
    executeMs += serviceMs;
    const failure = failures?.[nextFailure]?.index === i ? failures[nextFailure++] : undefined;
    if (call.state !== 'settled') {
      if (call.trace) stamp(call, slot, beganMs, coldMs, endedMs, dispatchedMs, settledMs);
      if (failure) {
        settler.fail(call, 'trap', failureError(call.fn.name, failure));
      } else {
        const value = values[i];
        bytesOut += bytesOf(value);
        recorder.ok(call.fn.series, call.epoch, call.submittedMs, call.intendedMs, dispatchedMs, serviceMs, settledMs);
        call.trace?.finish('ok');
        settler.succeed(call, value);
      }
    }
    beganMs = endedMs;
  }
  if (calls.length > 0) recorder.batch(calls.length, settledMs - dispatchedMs, executeMs, batch.bytesIn, bytesOut);
}

/** @returns ms of the cold start; 0 when a kept instance served the call */
function countReference(recorder: Recorder, call: Call, slot: Slot, index: number): number {
  const mark = slot.ints[ints.marks + index] as number;
  if (isHit(mark)) {
    recorder.reference(rankOf(mark), true, 0);
    return 0;
  }
  const coldMs = slot.floats[floats.coldMs + index] as number;
  recorder.reference(rankOf(mark), false, coldMs);
  recorder.start(call.fn.series, coldMs);
  return coldMs;
}

function stamp(
  call: Call,
  slot: Slot,
  beganMs: number,
  coldMs: number,
  endedMs: number,
  dispatchedMs: number,
  settledMs: number,
): void {
  const { trace } = call;
  if (!trace) return;
  trace.dispatchedMs = dispatchedMs;
  trace.receivedMs = slot.floats[floats.receivedMs] as number;
  trace.begunMs = beganMs;
  trace.startMs = coldMs;
  trace.executedMs = endedMs;
  trace.returnedMs = slot.floats[floats.returnedMs] as number;
  trace.settledMs = settledMs;
}

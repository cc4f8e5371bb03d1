import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { Recorder } from '../../../src/measure/recorder.ts';
import { Call, type FunctionPlan } from '../../../src/sandbox/run/call.ts';
import { CallQueue } from '../../../src/sandbox/run/call-queue.ts';

const clock = { now: () => nowMs, timeOrigin: 0 };
let nowMs = 0;
const recorder = new Recorder({
  surroundings: { clock, meters: undefined, randomSource: undefined },
  gauges: { workers: () => 1, guestBytes: () => 0 },
  settings: {},
  name: 'queue',
});

const plan: FunctionPlan = {
  id: 0,
  name: 'g.f',
  series: recorder.series('g.f'),
  signature: undefined,
  contained: true,
};

function callAt(ms: number, args: readonly unknown[] = []): Call {
  nowMs = ms;
  const call = new Call(recorder.books, plan, args, undefined);
  call.promise.catch(() => {});
  return call;
}

function cancel(queue: CallQueue, call: Call): void {
  call.cancelled();
  call.drop();
  queue.cancelled();
}

it('hands out calls in order of arrival, at most so many at once', () => {
  const queue = new CallQueue();
  const calls = [1, 2, 3, 4, 5].map((ms) => callAt(ms));
  for (const call of calls) queue.push(call);
  expect(queue.oldestMs()).toBe(1);
  expect(queue.take(2)).toEqual(calls.slice(0, 2));
  expect(queue.take(9)).toEqual(calls.slice(2));
  expect(queue.size).toBe(0);
});

it('hands out calls queued a second time first and alone', () => {
  const queue = new CallQueue();
  const [fresh, one, other] = [callAt(1), callAt(2), callAt(3)];
  queue.push(fresh);
  queue.pushRetried(one);
  queue.pushRetried(other);
  expect([queue.take(9), queue.take(9), queue.take(9)]).toEqual([[one], [other], [fresh]]);
});

it('keeps little of calls that are cancelled while nothing moves', () => {
  const queue = new CallQueue();
  const head = callAt(0);
  queue.push(head);
  const cancelled = Array.from({ length: 5000 }, (_, ms) => callAt(ms, [new Uint8Array(8)]));
  const swept = vi.spyOn(Array.prototype, 'filter');
  for (const call of cancelled) {
    queue.push(call);
    cancel(queue, call);
    expect(call.args).toEqual([]);
  }
  // Waiting and repeated calls are swept each time 1,024 were cancelled.
  expect(swept.mock.calls.length).toBeGreaterThanOrEqual(8);
  swept.mockRestore();
  expect(queue.size).toBe(1);
  expect(queue.take(9)).toEqual([head]);
});

it('agrees with a plain list whatever happens', () => {
  const step = fc.oneof(
    fc.constant({ kind: 'push' as const }),
    fc.record({ kind: fc.constant('take' as const), most: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
      const queue = new CallQueue();
      let model: Call[] = [];
      let now = 0;
      for (const one of steps) {
        if (one.kind === 'push') {
          const call = callAt(now++);
          queue.push(call);
          model.push(call);
        } else if (one.kind === 'take') {
          const taken = model.slice(0, one.most);
          model = model.slice(one.most);
          for (const call of taken) expect(call.queued).toBe(true);
          expect(queue.take(one.most)).toEqual(taken);
        } else if (model.length > 0) {
          const [call] = model.splice(one.which % model.length, 1);
          if (call) cancel(queue, call);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.oldestMs()).toBe(model[0]?.offeredMs);
      }
    }),
    { numRuns: 50 },
  );
});

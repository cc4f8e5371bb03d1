import { describe, expect, it } from 'vitest';
import { manualTime } from '../../../bench/worlds/manual-time.ts';
import type { Stage } from '../../../src/contracts.ts';
import { DispatchQueue } from '../../../src/executor/dispatch-queue.ts';
import { type FunctionPlan, GuestCall } from '../../../src/sandbox/run/call.ts';
import { condemned, notBegun, stageReached } from '../../../src/sandbox/run/protocol.ts';
import { isRepeated, Recovery } from '../../../src/sandbox/run/recovery.ts';
import { recorderFor } from '../../support/recorder-for.ts';

const plain = { contained: true, idempotent: false, retried: false };
/** Of a batch of four whose worker ended when the slot said `running`: which calls are repeated. */
const repeated = (running: number, call: Partial<typeof plain>) =>
  [0, 1, 2, 3].map((index) => isRepeated(stageReached(running, true, index), { ...plain, ...call }));

describe('which calls are repeated when their worker ended', () => {
  it('all calls of a batch are repeated when its worker died before it began', () => {
    expect(repeated(notBegun, {})).toEqual([true, true, true, true]);
  });

  it('all calls of a batch but the one that ran are repeated when its worker died', () => {
    expect(repeated(1, {})).toEqual([true, false, true, true]);
  });

  it('a finished call is not repeated where something outside may have seen it', () => {
    expect(repeated(2, { contained: false })).toEqual([false, false, false, true]);
  });

  it('even the call that ran is repeated when it is idempotent', () => {
    expect(repeated(1, { idempotent: true, contained: false })).toEqual([true, true, true, true]);
  });

  it('no call is repeated a second time', () => {
    expect(repeated(1, { idempotent: true, retried: true })).toEqual([false, false, false, false]);
  });

  it('the neighbours of a condemned call are repeated', () => {
    expect(repeated(condemned(2), {})).toEqual([true, true, false, true]);
    expect(repeated(condemned(0), { contained: false })).toEqual([false, true, true, true]);
  });

  it('contained calls are repeated when all had finished and the answer was lost on its way', () => {
    expect(repeated(4, {})).toEqual([true, true, true, true]);
    expect(repeated(4, { contained: false })).toEqual([false, false, false, false]);
  });
});

it('stageReached says how far each call of a batch had come', () => {
  const stages = (running: number, entered: boolean) => [0, 1, 2].map((index) => stageReached(running, entered, index));
  expect(stages(1, true)).toEqual(['return', 'execute', 'queue']);
  expect(stages(condemned(1), false)).toEqual(['return', 'start', 'queue']);
  expect(stages(notBegun, false)).toEqual(['queue', 'queue', 'queue']);
});

describe('a tier that leaves calls unanswered', () => {
  function bench() {
    const time = manualTime();
    const recorder = recorderFor(time);
    const plan: FunctionPlan = {
      id: 0,
      name: 'g.f',
      series: recorder.series('g.f'),
      signature: undefined,
      codec: null,
      contained: true,
    };
    const sent: (readonly GuestCall[])[] = [];
    const queue = new DispatchQueue<GuestCall, object>({
      name: 'test',
      carrier: { free: () => sent, freeCount: () => 1, send: (_unit, calls) => sent.push(calls) },
      size: 8,
      maxWaiting: Infinity,
      ...time,
    });
    const recovery = new Recovery(queue, 50);
    const offer = (): GuestCall => new GuestCall(recorder.books, plan, [], undefined);
    const endOf = async (call: GuestCall) =>
      call.promise.catch(({ outcome, stage, code }: { outcome: string; stage: Stage; code: string }) => [
        outcome,
        stage,
        code,
      ]);
    return { recovery, queue, sent, offer, endOf };
  }

  it("a tier's lost calls that may be repeated are sent once more, alone, and are lost the second time", async () => {
    const { recovery, sent, offer, endOf } = bench();
    const [one, other] = [offer(), offer()];
    recovery.lost(one, 'queue', 'died');
    recovery.lost(other, 'return', 'died');
    expect(sent).toEqual([[one], [other]]);
    recovery.lost(one, 'queue', 'died');
    expect(await endOf(one)).toEqual(['lost', 'queue', 'ERR_SANDTUNE_WORKER_LOST']);
  });

  it('a call that overran times out, one that cannot be sent is refused, and neither is repeated', async () => {
    const { recovery, sent, offer, endOf } = bench();
    const [slow, odd] = [offer(), offer()];
    recovery.overran(slow, 'start');
    recovery.refused(odd, new Error('no'));
    recovery.lost(slow, 'execute', 'ended');
    expect(await endOf(slow)).toEqual(['timeout', 'start', 'ERR_SANDTUNE_DEADLINE']);
    expect(await endOf(odd)).toEqual(['rejected', 'admit', 'ERR_SANDTUNE_ARGUMENTS']);
    expect(sent).toEqual([]);
  });

  it('no call waits any more once a tier cannot start a unit', async () => {
    const { recovery, queue, offer, endOf } = bench();
    const [waiting, cancelled] = [offer(), offer()];
    cancelled.promise.catch(() => {});
    queue.take(waiting);
    queue.take(cancelled);
    queue.aborted(cancelled);
    recovery.broken(new Error('no worker'));
    expect(await endOf(waiting)).toEqual(['lost', 'queue', 'ERR_SANDTUNE_WORKER_LOST']);
    expect(queue.waiting).toBe(0);
  });
});

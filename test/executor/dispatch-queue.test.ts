import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { DispatchQueue } from '../../src/executor/dispatch-queue.ts';
import type { DispatchQueueOptions } from '../../src/executor/dispatch-queue-options.ts';
import type { Timers } from '../../src/foundation/clock.ts';
import type { Linked } from '../../src/foundation/ring.ts';
import { Call } from '../../src/measure/call.ts';
import type { Recorder } from '../../src/measure/recorder.ts';
import { recorderFor } from '../support/recorder-for.ts';

class Item extends Call implements Linked {
  readonly name: number;
  readonly #abort: AbortController;
  before: Linked | null = null;
  after: Linked | null = null;

  constructor(recorder: Recorder, name: number, abort = new AbortController()) {
    super(recorder.books, recorder.series('test'), { signal: abort.signal });
    this.name = name;
    this.#abort = abort;
    this.promise.catch(() => {});
  }

  abort(): void {
    this.#abort.abort();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A queue over a carrier with so many units, and what that was sent. */
function queueOver(units: number, options: Partial<DispatchQueueOptions<Item, object>> = {}, seesSignals = false) {
  const sent: number[][] = [];
  let free = units;
  let asked = 0;
  const time = manualTime();
  const recorder = recorderFor(time);
  const itemOf = (name: number) => new Item(recorder, name);
  const queue = new DispatchQueue<Item, object>({
    name: 'test',
    carrier: {
      seesSignals,
      free: () => {
        asked++;
        return free > 0 ? sent : undefined;
      },
      freeCount: () => free,
      send: (_unit, items) => {
        free--;
        sent.push(items.map(({ name }) => name));
      },
    },
    maxWaiting: Number.POSITIVE_INFINITY,
    ...time,
    ...options,
  });
  const bring = () => {
    free++;
    queue.returned(null);
  };
  return { queue, sent, bring, time, itemOf, recorder, asked: () => asked };
}

describe('a dispatch queue', () => {
  it('a queue sends in order of arrival, at once while a unit is free, and the next when one is back', () => {
    const { queue, itemOf, sent, bring } = queueOver(2);
    for (const name of [1, 2, 3, 4]) queue.take(itemOf(name));
    expect(sent).toEqual([[1], [2]]);
    bring();
    expect(sent).toEqual([[1], [2], [3]]);
    expect(queue).toMatchObject({ running: 2, waiting: 1 });
  });

  it('a queue has no more dispatches out than its limit, however many units are free, and moves the limit both ways', () => {
    const { queue, itemOf, sent, bring } = queueOver(9, { limit: 2 });
    for (const name of [1, 2, 3, 4, 5]) queue.take(itemOf(name));
    expect(sent).toHaveLength(2);
    queue.limit = 3;
    expect(sent).toHaveLength(3);
    queue.limit = 1;
    bring();
    bring();
    expect(sent).toHaveLength(3);
    bring();
    expect(sent).toHaveLength(4);
  });

  it('a queue sends a full dispatch at once, and what one turn of the event loop brought at the end of it', async () => {
    const { queue, itemOf, sent } = queueOver(9, { size: 3 });
    for (const name of [1, 2, 3, 4]) queue.take(itemOf(name));
    expect(sent).toEqual([[1, 2, 3]]);
    await Promise.resolve();
    queue.take(itemOf(5));
    expect(sent).toEqual([[1, 2, 3]]);
    await turn();
    expect(sent).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('a part-filled dispatch lingers from the arrival of its oldest call, unless it fills up', async () => {
    const sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
    const timers = { sleep: (ms: number) => new Promise<void>((wake) => sleeps.push({ ms, wake })) };
    const { queue, itemOf, sent, time } = queueOver(9, { size: 3, lingerMs: 20, timers });
    queue.take(itemOf(1));
    time.advance(5);
    queue.take(itemOf(2));
    await turn();
    expect([sent, sleeps.map(({ ms }) => ms)]).toEqual([[], [15]]);
    time.advance(15);
    sleeps[0]?.wake();
    await turn();
    expect(sent).toEqual([[1, 2]]);
    for (const name of [3, 4, 5]) queue.take(itemOf(name));
    expect(sent).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('no call lingers any more once the queue is flushed', async () => {
    const { queue, itemOf, sent } = queueOver(9, { size: 3, lingerMs: 1e9 });
    queue.take(itemOf(1));
    queue.flush();
    expect(sent).toEqual([[1]]);
    queue.take(itemOf(2));
    await turn();
    expect(sent).toEqual([[1], [2]]);
  });

  it('a flushed queue leaves no sleep behind, which would keep the process alive', async () => {
    const ended = Promise.withResolvers<void>();
    const sleep: Timers['sleep'] = (_ms, { signal, keepAlive } = {}) =>
      new Promise((_, reject) => {
        expect(keepAlive).toBe(true);
        signal?.addEventListener('abort', () => {
          ended.resolve();
          reject(signal.reason);
        });
      });
    const { queue, itemOf, sent } = queueOver(9, { size: 3, lingerMs: 1e9, timers: { sleep } });
    queue.take(itemOf(1));
    await turn();
    expect(sent).toEqual([]);
    queue.flush();
    await ended.promise;
    expect(sent).toEqual([[1]]);
  });

  it('a queue sends what comes a second time first and each alone, without lingering', () => {
    const { queue, itemOf, sent, bring } = queueOver(0, { size: 8, lingerMs: 1e9 });
    const [fresh, one, other] = [itemOf(1), itemOf(2), itemOf(3)];
    queue.take(fresh);
    queue.again(one);
    queue.again(other);
    bring();
    bring();
    bring();
    expect(sent).toEqual([[2], [3]]);
    queue.flush();
    expect(sent).toEqual([[2], [3], [1]]);
  });

  it('a queue asks a carrier that has no unit free only once until it says that it has', () => {
    const { queue, itemOf, sent, bring, asked } = queueOver(1);
    for (let name = 0; name < 100; name++) queue.take(itemOf(name));
    expect(asked()).toBe(2);
    bring();
    expect(sent).toEqual([[0], [1]]);
    expect(asked()).toBe(4);
  });

  it('a queue asks its carrier anew for the next call when those that waited have been given up', () => {
    const { queue, itemOf, asked } = queueOver(0);
    const [first, second] = [itemOf(1), itemOf(2)];
    queue.take(first);
    queue.clear();
    queue.take(second);
    expect(asked()).toBe(2);
    second.abort();
    queue.take(itemOf(3));
    expect(asked()).toBe(3);
  });

  it('a queue sheds what neither fits the free units nor may wait', () => {
    const { queue, itemOf, sent, recorder } = queueOver(1, { size: 2, maxWaiting: 3 });
    const calls = Array.from({ length: 10 }, (_, name) => itemOf(name));
    for (const call of calls) queue.take(call);
    expect(sent).toEqual([[0, 1]]);
    expect(calls.map(({ settled }) => settled).indexOf(true)).toBe(5);
    expect(recorder.totals()).toMatchObject({ outcomes: { shed: 5 }, inFlight: 5 });
  });

  it('a queue never sheds what a free unit will take at the end of the turn', async () => {
    const { queue, itemOf, sent } = queueOver(1, { size: 8, maxWaiting: 0 });
    for (const name of [1, 2, 3]) queue.take(itemOf(name));
    await turn();
    expect(sent).toEqual([[1, 2, 3]]);
  });

  it('a queue forgets a call that is cancelled while it waits, and one that it has sent', async () => {
    const { queue, itemOf, sent, bring } = queueOver(1);
    const [first, second, third] = [itemOf(1), itemOf(2), itemOf(3)];
    for (const item of [first, second, third]) queue.take(item);
    second.abort();
    for (const item of [first, second]) expect(item).toMatchObject({ before: null, after: null });
    expect([second.settled, third.settled, queue.waiting]).toEqual([true, false, 1]);
    bring();
    expect(sent).toEqual([[1], [3]]);
  });

  it('a call that is out ends for its caller when its signal fires, unless the carrier handles signals', () => {
    for (const seesSignals of [false, true]) {
      const { queue, itemOf } = queueOver(1, {}, seesSignals);
      const call = itemOf(1);
      queue.take(call);
      call.abort();
      expect([call.settled, queue.running]).toEqual([!seesSignals, 1]);
    }
  });

  it('a queue leaves a call alone that is settled when it comes in', () => {
    const { queue, itemOf, sent } = queueOver(1);
    const call = itemOf(1);
    call.cancelled();
    queue.take(call);
    expect([sent, queue.waiting, queue.running]).toEqual([[], 0, 0]);
  });

  it('a cleared queue gives up all calls that wait, in the order they would have left', () => {
    const { queue, itemOf } = queueOver(0);
    for (const name of [1, 2]) queue.take(itemOf(name));
    queue.again(itemOf(3));
    expect(queue.clear().map(({ name }) => name)).toEqual([3, 1, 2]);
    expect(queue.waiting).toBe(0);
  });

  it('a queue is idle when nothing waits and nothing is out', async () => {
    const { queue, itemOf, bring } = queueOver(1);
    const late = itemOf(2);
    queue.take(itemOf(1));
    queue.take(late);
    let idle = false;
    const waited = queue.idle().then(() => {
      idle = true;
    });
    late.abort();
    await turn();
    expect(idle).toBe(false);
    bring();
    await waited;
  });

  it('a queue agrees with plain lists whatever happens', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant({ kind: 'offer' as const }) },
      fc.record({ kind: fc.constant('again' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }),
      fc.constant({ kind: 'bring' as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 400 }), fc.integer({ min: 1, max: 4 }), async (steps, size) => {
        const { queue, itemOf, sent, bring } = queueOver(2, { size });
        const expected: number[][] = [];
        let waiting: Item[] = [];
        let again: Item[] = [];
        let out = 0;
        let next = 0;
        // Each step ends with its turn, so that what can leave has left.
        const leave = () => {
          while (out < 2 && waiting.length + again.length > 0) {
            const [alone] = again;
            const left = alone ? [alone] : waiting.slice(0, size);
            again = again.slice(1);
            waiting = waiting.filter((item) => !left.includes(item));
            expected.push(left.map(({ name }) => name));
            out++;
          }
        };
        for (const one of steps) {
          const item = itemOf(next);
          if (one.kind === 'offer') {
            next++;
            waiting.push(item);
            queue.take(item);
          } else if (one.kind === 'again') {
            next++;
            again.push(item);
            queue.again(item);
          } else if (one.kind === 'bring' && out > 0) {
            out--;
            bring();
          } else if (one.kind === 'cancel') {
            const all = [...again, ...waiting];
            const gone = all[one.which % Math.max(1, all.length)];
            if (gone) queue.aborted(gone);
            again = again.filter((other) => other !== gone);
            waiting = waiting.filter((other) => other !== gone);
          }
          leave();
          await turn();
          expect(sent).toEqual(expected);
          expect(queue).toMatchObject({ waiting: waiting.length + again.length, running: out });
        }
      }),
      { numRuns: 40 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { manualTime } from '../../bench/worlds/manual-time.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { accountOf, apply, knobOf } from './pools.ts';

function batches() {
  const sizes: number[] = [];
  const fn = async (inputs: number[]) => {
    sizes.push(inputs.length);
    return inputs.map((input) => input * 10);
  };
  return { sizes, fn };
}

describe('wrap(function, { batch })', () => {
  it('a batch is filled with the calls offered in one turn, and each call gets its own result', async () => {
    const { sizes, fn } = batches();
    const batched = wrap(fn, { batch: { size: 4 } });
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((input) => batched.run(input)));
    expect(results).toEqual([10, 20, 30, 40, 50, 60]);
    expect(sizes).toEqual([4, 2]);
  });

  it('a batch is filled by separate callbacks of one turn', async () => {
    const { sizes, fn } = batches();
    const batched = wrap(fn, { batch: { size: 8 } });
    const { promise, resolve } = Promise.withResolvers<void>();
    let called = 0;
    for (const input of [1, 2, 3]) {
      setImmediate(() => void batched.run(input).then(() => ++called === 3 && resolve()));
    }
    await promise;
    expect(sizes).toEqual([3]);
  });

  it('a part-filled batch waits for its linger, and no longer', async () => {
    const time = manualTime();
    const { sizes, fn } = batches();
    const batched = wrap(fn, { batch: { size: 8, lingerMs: 20 }, surroundings: time.surroundings });
    using open = batched.openWindow();
    const first = batched.run(1);
    time.advance(5);
    const second = batched.run(2);
    expect(await Promise.all([first, second])).toEqual([10, 20]);
    expect(sizes).toEqual([2]);
    expect(open.cut().wait.maxMs).toBeCloseTo(20, 0);
  });

  it('batch size and linger change while calls come in', async () => {
    const { sizes, fn } = batches();
    const batched = wrap(fn, { batch: { size: 2, max: 64 } });
    await apply(batched, 'batchSize', 3);
    await Promise.all([1, 2, 3, 4].map((input) => batched.run(input)));
    await apply(batched, 'batchSize', 1);
    await Promise.all([1, 2].map((input) => batched.run(input)));
    await apply(batched, 'batchSize', 64);
    await apply(batched, 'batchLingerMs', 1);
    await Promise.all([1, 2, 3].map((input) => batched.run(input)));
    expect(sizes).toEqual([3, 1, 1, 1, 3]);
    expect(knobOf(batched, 'batchLingerMs').read()).toEqual({ requested: 1, effective: 1 });
  });

  it('a batch that waits for the old linger is sent when a lowered one is over', async () => {
    const time = manualTime();
    const sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
    const timers = {
      sleep: (ms: number) => new Promise<void>((wake) => sleeps.push({ ms, wake })),
    };
    const { sizes, fn } = batches();
    const batched = wrap(fn, { batch: { size: 8, lingerMs: 5000 }, surroundings: { ...time.surroundings, timers } });
    const call = batched.run(1);
    await new Promise((resolve) => setImmediate(resolve));
    time.advance(10);
    await apply(batched, 'batchLingerMs', 30);
    await apply(batched, 'batchLingerMs', 40);
    expect(sleeps.map(({ ms }) => ms)).toEqual([5000, 20]);
    time.advance(20);
    sleeps[1]?.wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect(sizes).toEqual([]);
    expect(sleeps.map(({ ms }) => ms)).toEqual([5000, 20, 10]);
    time.advance(10);
    sleeps[2]?.wake();
    expect(await call).toBe(10);
  });

  it('concurrency limits batches, not calls', async () => {
    let running = 0;
    let most = 0;
    const batched = wrap(
      async (inputs: number[]) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return inputs;
      },
      { batch: { size: 2 }, concurrency: 3 },
    );
    await Promise.all(Array.from({ length: 20 }, (_, input) => batched.run(input)));
    expect(most).toBe(3);
  });

  it.each([
    ['too few', [1], '1'],
    ['too many', [1, 2, 3], '3'],
    ['no array', 'ok', '"ok"'],
    ['nothing', undefined, 'undefined'],
  ])('each call of a batch fails, and says why, when the batch function returns %s', async (_, returned, got) => {
    const broken = wrap(async (_inputs: number[]) => returned as number[], { batch: { size: 2 }, name: 'broken' });
    const results = await Promise.allSettled([broken.run(1), broken.run(2)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_SANDTUNE_RESULT', outcome: 'trap' } });
    }
    expect((results[0] as PromiseRejectedResult).reason.message).toBe(
      `batch of 'broken': expected an array of 2 results, one per input, got ${got}`,
    );
    expect(accountOf(broken)).toMatchObject({ offered: 2, settled: 2, outcomes: { trap: 2 } });
  });

  it('each call of a batch fails with the error of the batch function, which then takes the next batch', async () => {
    const boom = new Error('boom');
    const batched = wrap(
      async (inputs: number[]) => {
        if (inputs.includes(1)) throw boom;
        return inputs;
      },
      { batch: { size: 2 } },
    );
    const [first, second] = await Promise.allSettled([batched.run(1), batched.run(2)]);
    expect(first).toEqual({ status: 'rejected', reason: boom });
    expect(second).toEqual({ status: 'rejected', reason: boom });
    expect(await batched.run(3)).toBe(3);
  });

  it('where a batch function returns promises, each call ends with its own, and the batch with the last', async () => {
    const time = manualTime();
    const [slow, broken] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    const boom = new Error('boom');
    const later = wrap(
      async (inputs: number[]) => inputs.map((input) => [slow.promise, broken.promise][input] ?? input),
      { batch: { size: 3 }, surroundings: time.surroundings },
    );
    using open = later.openWindow();
    const [first, second, third] = [later.run(0), later.run(1), later.run(2)];
    expect(await third).toBe(2);
    expect(accountOf(later)).toMatchObject({ settled: 1, inFlight: 2 });
    expect(open.cut()).toMatchObject({ outcomes: { ok: 1 }, work: { batches: 0 } });
    time.advance(30);
    broken.reject(boom);
    await expect(second).rejects.toBe(boom);
    let closed = false;
    const closing = later.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    time.advance(30);
    slow.resolve(10);
    expect(await first).toBe(10);
    await closing;
    const { latency, outcomes, work } = open.cut();
    expect(latency.count).toBe(1);
    expect(latency.minMs).toBeCloseTo(60, 0);
    expect(outcomes).toMatchObject({ ok: 1, trap: 1 });
    expect(work).toMatchObject({ batches: 1, batchedCalls: 3, batchMs: 60 });
  });

  it('a batch of promises is out of the way before the last of its callers goes on', async () => {
    const wrapped = wrap(async (inputs: number[]) => inputs.map(async (input) => input), {
      batch: { size: 1 },
      concurrency: 1,
      maxQueue: 0,
    });
    for (const n of [1, 2, 3, 4]) expect(await wrapped.run(n)).toBe(n);
  });

  it('the results of a batch are read once, so one that throws when it is read again is the value it was', async () => {
    let looks = 0;
    const wrapped = wrap(
      async (inputs: number[]) => {
        const results = [...inputs];
        Object.defineProperty(results, 1, {
          get: () => {
            if (looks++ > 0) throw new Error('looked at twice');
            return 2;
          },
        });
        return results;
      },
      { batch: { size: 2 } },
    );
    using open = wrapped.openWindow();
    const [first, second] = await Promise.allSettled([wrapped.run(1), wrapped.run(2)]);
    expect([first?.status, second?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(open.cut()).toMatchObject({ outcomes: { ok: 2, trap: 0 }, work: { batches: 1, batchedCalls: 2 } });
  });

  it('a cancelled call is left out of its batch', async () => {
    const { sizes, fn } = batches();
    const batched = wrap(fn, { batch: { size: 2, lingerMs: 5 } });
    const stop = new AbortController();
    const first = batched.run(1, { signal: stop.signal });
    stop.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(await Promise.all([batched.run(2), batched.run(3)])).toEqual([20, 30]);
    expect(sizes).toEqual([2]);
  });

  it('close() of a batching executor sends a lingering batch at once', async () => {
    const time = manualTime();
    const { fn } = batches();
    const never = { ...time.surroundings, timers: { sleep: () => new Promise<void>(() => {}) } };
    const batched = wrap(fn, { batch: { size: 8, lingerMs: 60_000 }, surroundings: never });
    const call = batched.run(1);
    await batched.close();
    expect(await call).toBe(10);
  });

  it('a window counts one batch for many calls', async () => {
    const { fn } = batches();
    const batched = wrap(fn, { batch: { size: 4 } });
    using open = batched.openWindow();
    await Promise.all([1, 2, 3, 4].map((input) => batched.run(input)));
    expect(open.cut().work).toMatchObject({ batches: 1, batchedCalls: 4 });
  });
});

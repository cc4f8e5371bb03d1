/** What a program sees of its own pool: after a trial as before, and while threads are held, the truth. */
import { once } from 'node:events';
import { FixedQueue } from 'piscina';
import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { apply, knobOf, poolOfTest as pool, reachesConcurrency, until } from './pools.ts';

/** What a trial of `threads` does to a pool, ended where it began. */
async function tried(wrapped: Parameters<typeof knobOf>[0], from: number, to: number): Promise<void> {
  const warm = await knobOf(wrapped, 'threads').keepWarm(from, to);
  for (const threads of [to, from, to, from]) await apply(wrapped, 'threads', threads);
  await warm[Symbol.asyncDispose]();
}

describe('the pool after a trial of its threads', () => {
  it.each([[3], [1]])('a pool of two threads is what it was after a trial of %i', async (to) => {
    const built = pool({ minThreads: 1, maxThreads: 2, idleTimeout: 0 });
    const options = { ...built.options };
    const wrapped = wrap(built, { maxThreads: 8 });
    await wrapped.run({});
    const { completed, histogram } = built;
    const waits = histogram.waitTime;
    await tried(wrapped, 2, to);
    await until(() => built.threads.length === 1);
    expect({ ...built.options }).toEqual(options);
    expect(built).toMatchObject({ completed, queueSize: 0, needsDrain: false });
    expect(histogram.waitTime).toEqual(waits);
  });

  it('threads that were held for a trial end when it lets go, without another call', async () => {
    const built = pool({ minThreads: 1, maxThreads: 1, idleTimeout: 60_000 });
    const wrapped = wrap(built, { maxThreads: 8 });
    const warm = await knobOf(wrapped, 'threads').keepWarm(1, 4);
    expect(built.threads).toHaveLength(4);
    await warm[Symbol.asyncDispose]();
    await until(() => built.threads.length === 1);
  });

  it.each([60_000, Number.POSITIVE_INFINITY])(
    'threads that a trial started end with it, also where the pool could have had them and lets them idle for %d ms',
    async (idleTimeout) => {
      const built = pool({ minThreads: 1, maxThreads: 3, idleTimeout });
      const wrapped = wrap(built);
      await wrapped.run({});
      await tried(wrapped, 3, 2);
      expect(built.threads).toHaveLength(1);
    },
  );

  it('threads of the user that a trial held live on by the rules of their pool', async () => {
    const built = pool({ minThreads: 2, maxThreads: 2 });
    const ids = built.threads.map((thread) => thread.threadId);
    const wrapped = wrap(built, { maxThreads: 8 });
    await tried(wrapped, 2, 1);
    await tried(wrapped, 2, 4);
    await until(() => built.threads.length === 2);
    expect(built.threads.map((thread) => thread.threadId).sort((a, b) => a - b)).toEqual(ids.sort((a, b) => a - b));
  });

  it("a run() that the program put before piscina's sees none but its own calls", async () => {
    const built = pool({ idleTimeout: 60_000 });
    const seen: unknown[] = [];
    const run = built.run.bind(built);
    built.run = (input, options) => {
      seen.push(input.echo);
      return run(input, options);
    };
    const wrapped = wrap(built, { maxThreads: 8 });
    await wrapped.run({ echo: 1 });
    await tried(wrapped, 2, 4);
    expect(seen).toEqual([1]);
  });

  it('a pool has its minimum of threads again when fewer were tried', async () => {
    const built = pool({ minThreads: 2, maxThreads: 3 });
    const wrapped = wrap(built);
    await apply(wrapped, 'threads', 1);
    expect(built.threads).toHaveLength(1);
    await apply(wrapped, 'threads', 3);
    expect(built.threads).toHaveLength(2);
    expect(built.options).toMatchObject({ minThreads: 2, maxThreads: 3 });
  });

  it('a pool that was wrapped when its threads had run is tried like any other, and counts none of what that takes', async () => {
    const built = pool({ minThreads: 3, maxThreads: 3 });
    await Promise.all(Array.from({ length: 6 }, () => built.run({ napMs: 5 })));
    const { waitTime, runTime } = built.histogram;
    const wrapped = wrap(built, { maxThreads: 8 });
    await tried(wrapped, 3, 1);
    await tried(wrapped, 3, 4);
    expect(built.completed).toBe(6);
    expect(built.histogram).toMatchObject({ waitTime, runTime });
    await apply(wrapped, 'threads', 1);
    await reachesConcurrency(wrapped, 1);
  });

  it('threads of a pool that was wrapped while all of them were busy are in force once they are known', async () => {
    const built = pool({ minThreads: 2, maxThreads: 2 });
    await built.run({});
    const wrapped = wrap(built);
    const calls = Array.from({ length: 4 }, () => wrapped.run({ napMs: 20 }));
    await apply(wrapped, 'threads', 1);
    expect(knobOf(wrapped, 'threads').read()).toEqual({ requested: 1, effective: 1 });
    await Promise.all(calls);
    expect(built.completed).toBe(5);
  });

  it("a producer that respects the pool's back-pressure is refused no call after a trial", async () => {
    const built = pool({ minThreads: 2, maxThreads: 2, maxQueue: 4 });
    built.setMaxListeners(0);
    const wrapped = wrap(built, { maxThreads: 8 });
    await tried(wrapped, 2, 3);
    const calls: Promise<unknown>[] = [];
    for (let call = 0; call < 30; call++) {
      while (built.queueSize >= 4)
        await Promise.race([once(built, 'drain'), new Promise((resolve) => setTimeout(resolve, 10))]);
      calls.push(wrapped.run({ napMs: 4 }));
      await Promise.resolve();
    }
    await Promise.all(calls);
  });

  it('a pool tells that it needs a drain, and that it was drained, after a trial as before', async () => {
    const built = pool({ minThreads: 2, maxThreads: 2 });
    const wrapped = wrap(built, { maxThreads: 8 });
    await tried(wrapped, 2, 3);
    const drained = once(built, 'drain');
    const calls = [wrapped.run({ napMs: 20 }), wrapped.run({ napMs: 20 })];
    await once(built, 'needsDrain');
    expect(built.needsDrain).toBe(true);
    await Promise.all(calls);
    await drained;
    expect(built.needsDrain).toBe(false);
  });
});

describe('the pool while threads are held', () => {
  it('the pool counts the calls that wait, and hands them out in the order of its own queue', async () => {
    const order: unknown[] = [];
    const queue = new FixedQueue();
    const built = pool({ minThreads: 2, maxThreads: 2, taskQueue: queue, stricterFIFO: true });
    const wrapped = wrap(built);
    await apply(wrapped, 'threads', 1);
    const calls = Array.from({ length: 6 }, async (_, echo) => {
      await wrapped.run({ napMs: 5, echo });
      order.push(echo);
    });
    expect(built.queueSize).toBe(5);
    expect(queue.size).toBe(5);
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('the pool needs a drain when the threads that take calls are full', async () => {
    const built = pool({ minThreads: 3, maxThreads: 3 });
    const wrapped = wrap(built);
    await apply(wrapped, 'threads', 2);
    const one = wrapped.run({ napMs: 30 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(built.needsDrain).toBe(false);
    const other = wrapped.run({ napMs: 30 });
    await until(() => built.needsDrain);
    await Promise.all([one, other]);
    await until(() => !built.needsDrain);
  });

  it('calls made on the pool itself go to the threads in use, too', async () => {
    const built = pool({ minThreads: 3, maxThreads: 3 });
    await apply(wrap(built), 'threads', 1);
    const results = await Promise.all(Array.from({ length: 9 }, () => built.run({ napMs: 2 })));
    expect(new Set(results.map(({ threadId }) => threadId)).size).toBe(1);
  });

  it('close() of the pool finishes what it was given, though threads were lowered', async () => {
    const built = pool({ minThreads: 1, maxThreads: 2 });
    const wrapped = wrap(built);
    await apply(wrapped, 'threads', 1);
    const calls = [1, 2, 3, 4].map((echo) => wrapped.run({ echo, napMs: 20 }));
    setTimeout(() => void built.close(), 10);
    expect((await Promise.all(calls)).map(({ echo }) => echo)).toEqual([1, 2, 3, 4]);
  });

  it.each([1, 3])(
    'close() of the pool finishes what it was given, though threads are being lowered and %i are kept',
    async (kept) => {
      const built = pool({ minThreads: 2, maxThreads: 2, idleTimeout: 60_000 });
      const wrapped = wrap(built, { maxThreads: 4 });
      await Promise.all([wrapped.run({ napMs: 5 }), wrapped.run({ napMs: 5 })]);
      const warm = await knobOf(wrapped, 'threads').keepWarm(1, kept);
      const calls = Array.from({ length: 6 }, (_, echo) => wrapped.run({ echo, napMs: 10 }));
      const lowered = apply(wrapped, 'threads', 1);
      // The move has begun: the calls of the second thread are its last.
      await Promise.resolve();
      await built.close();
      expect((await Promise.all(calls)).map(({ echo }) => echo)).toEqual([0, 1, 2, 3, 4, 5]);
      await lowered;
      await warm[Symbol.asyncDispose]();
    },
  );

  it('a held thread takes no call, even where a worker takes several and all threads are there', async () => {
    const wrapped = wrap(pool({ minThreads: 2, maxThreads: 2, concurrentTasksPerWorker: 3 }));
    await apply(wrapped, 'threads', 1);
    const results = await Promise.all(Array.from({ length: 12 }, () => wrapped.run({ napMs: 2 })));
    expect(new Set(results.map(({ threadId }) => threadId)).size).toBe(1);
  });
});

describe('apply() of threads under a backlog', () => {
  it('lowered threads are in force when apply() resolves, though calls wait, and read() tells who still works', async () => {
    const built = pool({ minThreads: 3, maxThreads: 3 });
    const wrapped = wrap(built);
    await Promise.all(Array.from({ length: 12 }, () => wrapped.run({ napMs: 5 })));
    const running = Array.from({ length: 3 }, () => wrapped.run({ napMs: 500 }));
    const backlog = Array.from({ length: 30 }, () => wrapped.run({ napMs: 3 }));
    const moved = apply(wrapped, 'threads', 1);
    // No call ends between microtasks, and none within what a loaded machine needs for these lines.
    while (knobOf(wrapped, 'threads').read().requested !== 1) await Promise.resolve();
    expect(knobOf(wrapped, 'threads').read()).toEqual({ requested: 1, effective: 3 });
    await moved;
    expect(built.queueSize).toBeGreaterThan(0);
    expect(knobOf(wrapped, 'threads').read()).toEqual({ requested: 1, effective: 1 });
    await Promise.all(running);
    const results = await Promise.all(backlog);
    expect(new Set(results.map(({ threadId }) => threadId)).size).toBe(1);
  });

  it('raised threads are there when apply() resolves, though no further call comes', async () => {
    const built = pool({ minThreads: 1, maxThreads: 1, idleTimeout: 60_000 });
    const wrapped = wrap(built, { maxThreads: 8 });
    await wrapped.run({});
    const calls = Array.from({ length: 4 }, () => wrapped.run({ napMs: 200 }));
    await apply(wrapped, 'threads', 3);
    expect(built.threads).toHaveLength(3);
    expect(built.queueSize).toBeLessThanOrEqual(1);
    await Promise.all(calls);
  });

  it('a thread that is let in again takes a call that waits, though no other call ends', async () => {
    const built = pool({ minThreads: 2, maxThreads: 2 });
    const wrapped = wrap(built);
    await apply(wrapped, 'threads', 1);
    const long = wrapped.run({ napMs: 400 });
    let isDone = false;
    const short = wrapped.run({}).then(() => (isDone = true));
    await apply(wrapped, 'threads', 2);
    await short;
    expect(isDone).toBe(true);
    expect(built.completed).toBe(1);
    await long;
  });
});

describe('threads of a pool that cannot be held', () => {
  it('a pool with a load balancer of its own has no knob threads, and the executor says why', () => {
    const wrapped = wrap(pool({ loadBalancer: (_, workers) => workers[0] ?? null }));
    expect(wrapped.knobs.map((knob) => knob.id)).toEqual(['idleTimeoutMs']);
    expect(wrapped.withheld).toEqual({ threads: expect.stringContaining('load balancer') });
  });
});

/** Each knob is checked by what it does to a real pool, not by the value it reads back. */
import { Piscina } from 'piscina';
import { describe, expect, it, onTestFinished } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import type { PoolInput, PoolOutput } from './pool-worker.ts';
import {
  accountOf,
  apply,
  busyFractionOf,
  concurrencyOf,
  knobOf,
  poolOfTest as pool,
  reachesConcurrency,
  until,
  workerFile,
} from './pools.ts';

describe('threads of a wrapped pool', () => {
  it('threads of a wrapped pool go up and down under load', async () => {
    const built = pool({ minThreads: 1, maxThreads: 2, idleTimeout: 60_000 });
    const wrapped = wrap(built, { maxThreads: 8 });
    await reachesConcurrency(wrapped, 2);
    for (const threads of [4, 1, 3]) {
      await apply(wrapped, 'threads', threads);
      await reachesConcurrency(wrapped, threads);
    }
    expect(knobOf(wrapped, 'threads').read()).toEqual({ requested: 3, effective: 3 });
  });

  it('lowered threads of a wrapped pool let in as many calls as they take, where a worker takes several', async () => {
    const wrapped = wrap(pool({ minThreads: 2, maxThreads: 2, concurrentTasksPerWorker: 3 }));
    await apply(wrapped, 'threads', 1);
    // A buffer is detached at the moment its call goes to a worker.
    const buffers = Array.from({ length: 8 }, () => new ArrayBuffer(8));
    const calls = buffers.map((buffer) => wrapped.run({ echo: buffer }, { transferList: [buffer] }));
    expect(buffers.filter((buffer) => buffer.detached)).toHaveLength(3);
    await Promise.all(calls);
    expect(buffers.filter((buffer) => buffer.detached)).toHaveLength(8);
  });

  it('threads that nobody configured are said to be the default of piscina', () => {
    const unset = new Piscina<PoolInput, PoolOutput>({ filename: workerFile, minThreads: 0 });
    onTestFinished(() => unset.destroy());
    expect(knobOf(wrap(unset), 'threads').source).toBe("piscina's default (maxThreads)");
    const set = pool({ minThreads: 1, maxThreads: Math.ceil(unset.options.maxThreads) + 1 });
    expect(knobOf(wrap(set), 'threads').source).toBe('new Piscina({ maxThreads })');
  });

  it('no thread that keepWarm has started works once it has resolved, though calls wait', async () => {
    for (let round = 0; round < 4; round++) {
      await using wrapped = wrap(pool({ minThreads: 1, maxThreads: 1 }), { maxThreads: 2 });
      let isOver = false;
      const callers = Array.from({ length: 8 }, async () => {
        while (!isOver) await wrapped.run({ spinMs: 1 });
      });
      const threads = knobOf(wrapped, 'threads');
      const warm = await threads.keepWarm(1, 2);
      const kept: unknown[] = [];
      for (let turn = 0; turn < 20; turn++) {
        kept.push(threads.read().effective);
        await wrapped.run({});
      }
      await warm[Symbol.asyncDispose]();
      kept.push(threads.read().effective);
      isOver = true;
      await Promise.all(callers);
      expect(new Set(kept)).toEqual(new Set([1]));
    }
  });

  it('keepWarm of threads keeps as many alive as either arm needs, and lets them go afterwards', async () => {
    const built = pool({ minThreads: 1, maxThreads: 3, idleTimeout: 0 });
    const wrapped = wrap(built);
    const warm = await knobOf(wrapped, 'threads').keepWarm(1, 3);
    await reachesConcurrency(wrapped, 3);
    await apply(wrapped, 'threads', 1);
    await reachesConcurrency(wrapped, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(built.threads).toHaveLength(3);
    await warm[Symbol.asyncDispose]();
    await warm[Symbol.asyncDispose]();
    expect(built.options).toMatchObject({ minThreads: 1, maxThreads: 1 });
  });

  it('a pool that had no thread before a trial has none after it, and runs what was called while they left', async () => {
    const built = pool({ minThreads: 0, maxThreads: 1, idleTimeout: 60_000 });
    const wrapped = wrap(built, { maxThreads: 8 });
    for (const callMeanwhile of [false, true]) {
      const warm = await knobOf(wrapped, 'threads').keepWarm(1, 3);
      for (const threads of [3, 1]) await apply(wrapped, 'threads', threads);
      const ended = warm[Symbol.asyncDispose]();
      if (callMeanwhile) expect(await wrapped.run({ echo: 1 })).toMatchObject({ echo: 1 });
      await ended;
      if (!callMeanwhile) expect(built.threads).toEqual([]);
      expect([built.options.minThreads, built.options.maxThreads]).toEqual([0, 1]);
    }
  });

  it('keepWarm of threads resolves when they have started, and has not called the function of the pool', async () => {
    const runs = new SharedArrayBuffer(4);
    const built = pool({ minThreads: 2, maxThreads: 2, workerData: runs });
    const wrapped = wrap(built, { maxThreads: 8 });
    await Promise.all([wrapped.run({ napMs: 5 }), wrapped.run({ napMs: 5 })]);
    const before = built.threads.map((thread) => thread.threadId);
    using window = wrapped.openWindow();
    await using _ = await knobOf(wrapped, 'threads').keepWarm(2, 5);
    expect(built.threads.map((thread) => thread.threadId)).toEqual(expect.arrayContaining(before));
    expect(built.threads).toHaveLength(5);
    expect(window.cut().work.workerStarts).toBe(3);
    expect(new Int32Array(runs)[0]).toBe(2);
    expect(built.queueSize).toBe(0);
    await apply(wrapped, 'threads', 5);
    await reachesConcurrency(wrapped, 5);
    expect(window.cut().work.workerStarts).toBe(0);
  });

  it('keepWarm of threads starts them beside busy ones, and loses no call', async () => {
    const built = pool({ minThreads: 1, maxThreads: 1 });
    const wrapped = wrap(built, { maxThreads: 8 });
    await wrapped.run({});
    const calls = Promise.all([1, 2, 3].map((echo) => wrapped.run({ echo, napMs: 200 })));
    await using _ = await knobOf(wrapped, 'threads').keepWarm(1, 3);
    expect(built.threads).toHaveLength(3);
    expect((await calls).map(({ echo }) => echo)).toEqual([1, 2, 3]);
    expect(built.threads).toHaveLength(3);
  });

  it.each([0, 1])('keepWarm of threads starts them while the queue of %i calls is full', async (maxQueue) => {
    const built = pool({ minThreads: 1, maxThreads: 1, maxQueue });
    const wrapped = wrap(built, { maxThreads: 8 });
    await wrapped.run({});
    const calls = Promise.allSettled(Array.from({ length: maxQueue + 2 }, () => wrapped.run({ napMs: 200 })));
    await using _ = await knobOf(wrapped, 'threads').keepWarm(1, 3);
    expect(built.threads).toHaveLength(3);
    expect(built.options.maxQueue).toBe(maxQueue);
    await calls;
    expect(accountOf(wrapped).outcomes).toMatchObject({ ok: maxQueue + 2, shed: 1 });
  });

  it('keepWarm of threads does not wait for threads that cannot start', async () => {
    const built = pool({ filename: '/no/such/file.js', minThreads: 0, maxThreads: 1 });
    const errors: unknown[] = [];
    built.on('error', (error) => errors.push(error));
    await using _ = await knobOf(wrap(built, { maxThreads: 8 }), 'threads').keepWarm(1, 2);
    expect(errors).toHaveLength(2);
    expect(built.threads).toEqual([]);
  });

  it('keepWarm of threads warms nothing in a pool that is closed, or closes meanwhile', async () => {
    const built = pool({ minThreads: 1, maxThreads: 1 });
    const wrapped = wrap(built, { maxThreads: 8 });
    await wrapped.run({});
    const warming = knobOf(wrapped, 'threads').keepWarm(1, 3);
    await Promise.all([wrapped.close(), expect(warming).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' })]);
    await expect(knobOf(wrapped, 'threads').keepWarm(1, 3)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
    expect(built.threads).toEqual([]);
  });

  it('keepWarm of threads keeps what any of several trials needs, until the last of them lets go', async () => {
    const built = pool({ minThreads: 1, maxThreads: 1 });
    const wrapped = wrap(built, { maxThreads: 8 });
    const knob = knobOf(wrapped, 'threads');
    const [three, two] = [await knob.keepWarm(1, 3), await knob.keepWarm(1, 2)];
    expect(built.options).toMatchObject({ minThreads: 3, maxThreads: 3 });
    await three[Symbol.asyncDispose]();
    expect(built.options).toMatchObject({ minThreads: 2, maxThreads: 2 });
    await two[Symbol.asyncDispose]();
    expect(built.options).toMatchObject({ minThreads: 1, maxThreads: 1 });
  });

  it('the busy fraction of a wrapped pool is over the threads in use, not those a trial reserves', async () => {
    const wrapped = wrap(pool({ minThreads: 1, maxThreads: 1 }), { maxThreads: 8 });
    await using _ = await knobOf(wrapped, 'threads').keepWarm(1, 4);
    await apply(wrapped, 'threads', 1);
    expect(await busyFractionOf(wrapped)).toBeGreaterThan(0.5);
    await apply(wrapped, 'threads', 4);
    expect(await busyFractionOf(wrapped)).toBeLessThanOrEqual(0.25);
  });

  it('read() of threads gives the number in force when the user changed the pool itself', async () => {
    const built = pool({ maxThreads: 2 });
    const wrapped = wrap(built);
    built.options.maxThreads = 5;
    expect(knobOf(wrapped, 'threads').read()).toEqual({ requested: 2, effective: 5 });
  });

  it('the patch of threads changes minThreads too where the new limit is below it', () => {
    const wrapped = wrap(pool({ minThreads: 2, maxThreads: 3 }));
    const knob = knobOf(wrapped, 'threads');
    expect(knob.patch(4)).toMatchObject({ before: '', after: 'maxThreads: 4,' });
    expect(knob.patch(1)).toMatchObject({ before: '', after: 'minThreads: 1,\nmaxThreads: 1,' });
  });
});

describe('idleTimeoutMs of a wrapped pool', () => {
  it('a raised idleTimeoutMs keeps workers between bursts, and a lowered one lets them go', async () => {
    const built = pool({ minThreads: 1, maxThreads: 3 });
    const wrapped = wrap(built);
    using open = wrapped.openWindow();
    const bursts = async () => {
      for (let burst = 0; burst < 4; burst++) {
        await concurrencyOf(wrapped, 12, 3);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await bursts();
    expect(open.cut().work.workerStarts).toBeGreaterThanOrEqual(4);
    await apply(wrapped, 'idleTimeoutMs', 10_000);
    await bursts();
    open.cut();
    await bursts();
    expect(open.cut().work.workerStarts).toBe(0);
    expect(built.threads).toHaveLength(3);
    await apply(wrapped, 'idleTimeoutMs', 0);
    await concurrencyOf(wrapped, 12, 3);
    await until(() => built.threads.length === 1);
  });

  it('idleTimeoutMs offers what the user configured, says where it comes from, and refuses other values', async () => {
    const wrapped = wrap(pool({ idleTimeout: 250 }));
    const knob = knobOf(wrapped, 'idleTimeoutMs');
    expect(knob).toMatchObject({ domain: [0, 100, 250, 1000, 10_000, 60_000], defaultValue: 250 });
    await expect(apply(wrapped, 'idleTimeoutMs', 123)).rejects.toMatchObject({ code: 'ERR_SANDTUNE_KNOB' });
    expect(knob.patch(10_000)).toMatchObject({ before: '', after: 'idleTimeout: 10000,' });
    expect(knobOf(wrap(pool()), 'idleTimeoutMs').source).toContain("piscina's default");
  });

  it('a pool whose workers never die has no knob idleTimeoutMs', () => {
    const wrapped = wrap(pool({ idleTimeout: Number.POSITIVE_INFINITY }));
    expect(wrapped.knobs.map((knob) => knob.id)).toEqual(['threads']);
  });
});

describe('concurrency of a wrapped pool', () => {
  it('concurrency of a wrapped pool is a gate of its own, beside threads', async () => {
    const wrapped = wrap(pool({ minThreads: 4, maxThreads: 4 }), { concurrency: { value: 2, max: 16 } });
    await reachesConcurrency(wrapped, 2);
    await apply(wrapped, 'concurrency', 3);
    await reachesConcurrency(wrapped, 3);
    await apply(wrapped, 'threads', 1);
    await reachesConcurrency(wrapped, 1);
    await apply(wrapped, 'threads', 4);
    await reachesConcurrency(wrapped, 3);
  });

  it("concurrency of a wrapped pool keeps the pool's limit on waiting calls", async () => {
    const wrapped = wrap(pool({ minThreads: 2, maxThreads: 2, maxQueue: 3 }), { concurrency: 1 });
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => wrapped.run({ spinMs: 2 })));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ reason: { code: 'ERR_SANDTUNE_QUEUE_FULL', outcome: 'shed' } });
  });
});

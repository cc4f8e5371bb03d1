import { afterEach, describe, expect, it } from 'vitest';
import { copies } from '../../bench/accept/wrap/copies.ts';
import type { Dying } from '../../bench/accept/wrap/dying-worker.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { accountOf, until } from './pools.ts';

const pools: { destroy(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((one) => one.destroy()));
});

describe.each(copies)('a worker of $name that ends', { timeout: 60_000 }, ({ Piscina, major }) => {
  function pool(options: object = {}) {
    const filename = new URL('../../bench/accept/wrap/dying-worker.ts', import.meta.url).href;
    const built = new Piscina({ filename, minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 4, ...options });
    pools.push(built);
    return built;
  }

  it.each(['exit', 'exit 0', 'throw', 'reject', 'memory', 'answer'] as const)(
    `whatever it dies of (%s), its calls are lost, and those that may be are run once more (piscina ${major})`,
    async (dies) => {
      const wrapped = wrap<Dying, unknown>(pool({ resourceLimits: { maxOldGenerationSizeMb: 24 } }));
      await wrapped.run({});
      const ends = await Promise.allSettled([
        wrapped.run({ echo: 'before', napMs: 100 }, { idempotent: true }),
        wrapped.run({ dies, napMs: 30 }),
        wrapped.run({ echo: 'after', napMs: 100 }, { idempotent: true }),
        wrapped.run({ echo: 'once', napMs: 100 }),
      ]);
      expect(ends).toMatchObject([
        { value: 'before' },
        { reason: expect.any(Error) },
        { value: 'after' },
        { reason: expect.any(Error) },
      ]);
      expect(accountOf(wrapped)).toMatchObject({ settled: 5, outcomes: { ok: 3, lost: 2, trap: 0 } });
    },
  );

  it(`a call that throws what piscina says of a dead worker is a trap, also beside one that is lost (piscina ${major})`, async () => {
    const wrapped = wrap<Dying, unknown>(pool({ minThreads: 2, maxThreads: 2, concurrentTasksPerWorker: 1 }));
    const texts = ['Terminating worker thread', 'worker exited with code: 1', 'Task queue is at limit'];
    const dying = wrapped.run({ dies: 'exit' }).catch(() => {});
    for (const fail of texts) await expect(wrapped.run({ fail }, { idempotent: true })).rejects.toThrow(fail);
    await dying;
    for (const fail of texts) await expect(wrapped.run({ fail }, { idempotent: true })).rejects.toThrow(fail);
    expect(accountOf(wrapped).outcomes).toMatchObject({ trap: 6, lost: 1, shed: 0 });
  });

  it(`a call that is repeated waits in the pool as any other, and can be given up (piscina ${major})`, async () => {
    const built = pool({ concurrentTasksPerWorker: 1 });
    const wrapped = wrap<Dying, unknown>(built);
    const runs = new SharedArrayBuffer(4);
    const stop = new AbortController();
    const call = wrapped.run({ runs, napMs: 60_000 }, { idempotent: true, signal: stop.signal });
    const ended = expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await until(() => new Int32Array(runs)[0] === 1);
    await built.threads[0]?.terminate();
    await until(() => new Int32Array(runs)[0] === 2);
    stop.abort();
    await ended;
    expect(accountOf(wrapped).outcomes).toMatchObject({ cancelled: 1, lost: 0 });
    expect(await wrapped.run({ echo: 1 })).toBe(1);
  });

  it(`an input that was moved to a worker that ended is lost, though its call may be repeated (piscina ${major})`, async () => {
    const built = pool({ concurrentTasksPerWorker: 1 });
    const wrapped = wrap<Dying, unknown>(built);
    await wrapped.run({});
    const runs = new SharedArrayBuffer(4);
    const echo = new ArrayBuffer(8);
    const call = wrapped.run({ echo, runs, napMs: 10_000 }, { transferList: [echo], idempotent: true });
    const lost = expect(call).rejects.toThrow(Error);
    await until(() => new Int32Array(runs)[0] === 1);
    await built.threads[0]?.terminate();
    await lost;
    expect(new Int32Array(runs)[0]).toBe(1);
    expect(accountOf(wrapped).outcomes).toMatchObject({ ok: 1, lost: 1, rejected: 0 });
  });

  it(`with a pool that is destroyed, the calls in workers are lost and those that wait are cancelled (piscina ${major})`, async () => {
    const built = pool({ concurrentTasksPerWorker: 1 });
    const wrapped = wrap<Dying, unknown>(built);
    const runs = new SharedArrayBuffer(4);
    const calls = [wrapped.run({ runs, napMs: 10_000 }), wrapped.run({})];
    const ends = Promise.allSettled(calls);
    await until(() => new Int32Array(runs)[0] === 1);
    await built.destroy();
    await ends;
    expect(accountOf(wrapped)).toMatchObject({ inFlight: 0, outcomes: { lost: 1, cancelled: 1 } });
  });

  it(`the workers that a wrapped pool starts are counted (piscina ${major})`, async () => {
    const wrapped = wrap<Dying, unknown>(pool({ maxThreads: 3, concurrentTasksPerWorker: 1, idleTimeout: 60_000 }));
    using open = wrapped.openWindow();
    let starts = 0;
    const calls = Promise.all(Array.from({ length: 12 }, () => wrapped.run({ napMs: 50 })));
    await until(() => {
      starts += open.cut().work.workerStarts;
      return starts === 2;
    });
    await calls;
  });
});

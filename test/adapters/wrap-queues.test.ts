/** What a pool's own queue throws when a call is taken out of it that it does not hold. */
import { afterEach, expect, it } from 'vitest';
import { copies } from '../../bench/accept/wrap/copies.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { accountOf, workerFile } from './pools.ts';

const open: { destroy(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.destroy()));
});

it.each(copies)(
  'giving up calls that $name holds elsewhere, or has refused, throws nothing anywhere',
  async ({ Piscina }) => {
    const unhandled: unknown[] = [];
    const hear = (error: unknown) => void unhandled.push(error);
    for (const event of ['unhandledRejection', 'uncaughtException'] as const) process.on(event, hear);
    const { ArrayTaskQueue, FixedQueue } = Piscina as unknown as Record<string, new () => object>;
    try {
      for (const Queue of [ArrayTaskQueue, FixedQueue]) {
        const taskQueue = Queue && new Queue();
        const pool = new Piscina({
          filename: workerFile,
          minThreads: 1,
          maxThreads: 1,
          maxQueue: 3,
          ...(taskQueue && { taskQueue }),
        });
        open.push(pool);
        const wrapped = wrap<object, unknown>(pool);
        await wrapped.run({});
        const stop = new AbortController();
        const calls = [
          wrapped.run({ napMs: 60 }),
          ...Array.from({ length: 8 }, () => wrapped.run({}, { maxWaitMs: 5 })),
          ...Array.from({ length: 8 }, () => wrapped.run({}, { signal: stop.signal })),
        ];
        const ends = Promise.allSettled(calls);
        stop.abort();
        wrapped.clear();
        await ends;
        expect(await wrapped.run({ echo: 1 })).toMatchObject({ echo: 1 });
        expect(accountOf(wrapped)).toMatchObject({ offered: 19, settled: 19 });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      for (const event of ['unhandledRejection', 'uncaughtException'] as const) process.off(event, hear);
    }
    expect(unhandled).toEqual([]);
  },
);

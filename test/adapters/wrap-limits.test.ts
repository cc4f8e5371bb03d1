/** Deadlines, longest waits and what waits, on wrapped piscina pools. */
import { EventEmitter } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import type { PoolInput, PoolOutput } from './pool-worker.ts';
import { accountOf, apply, buildPool, until } from './pools.ts';

type Options = Parameters<typeof buildPool>[0];

function wrapped(options: Options = {}, concurrency?: number) {
  const pool = buildPool({ minThreads: 1, maxThreads: 1, ...options });
  const executor = wrap<PoolInput, PoolOutput>(pool, concurrency === undefined ? {} : { concurrency });
  onTestFinished(() => executor.close({ withinMs: 0 }));
  return { pool, executor };
}

const reasons = async (calls: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(calls)).map((end) => (end.status === 'rejected' ? end.reason : 'ok'));

it('a call that overruns its deadline ends, its worker too, and the pool of one thread runs the next call', async () => {
  const { executor } = wrapped();
  const endless = executor.run({ spinMs: 1e9 }, { deadlineMs: 60 });
  await expect(endless).rejects.toMatchObject({ code: 'ERR_SANDTUNE_DEADLINE', outcome: 'timeout', stage: 'execute' });
  expect(await executor.run({ echo: 2 })).toMatchObject({ echo: 2 });
  expect(accountOf(executor)).toMatchObject({ offered: 2, settled: 2, outcomes: { timeout: 1, ok: 1 } });
});

it('the deadline of a call does not run while the call waits in the queue of the pool', async () => {
  const { executor } = wrapped();
  await executor.run({});
  const first = executor.run({ napMs: 150 });
  const second = executor.run({ echo: 2 }, { deadlineMs: 100 });
  expect(executor.queued).toBe(1);
  await first;
  expect(await second).toMatchObject({ echo: 2 });
});

it('a call that waits too long is shed, in the queue of the pool and at our gate', async () => {
  const { pool, executor } = wrapped({}, 2);
  await executor.run({});
  const blocker = executor.run({ napMs: 120 });
  const calls = [2, 3].map((echo) => executor.run({ echo }, { maxWaitMs: 20 }));
  const shed = { code: 'ERR_SANDTUNE_MAX_WAIT', outcome: 'shed', stage: 'queue' };
  expect(await reasons(calls)).toMatchObject([shed, shed]);
  expect([executor.queued, pool.queueSize]).toEqual([0, 0]);
  await blocker;
});

it('clear() cancels what waits in the queue of the pool and at our gate, and no worker gets it', async () => {
  const counts = new SharedArrayBuffer(4);
  const { executor } = wrapped({ workerData: counts }, 3);
  await executor.run({});
  const blocker = executor.run({ napMs: 100 });
  const calls = [1, 2, 3, 4].map((echo) => executor.run({ echo }, echo === 2 ? { maxWaitMs: 60_000 } : {}));
  const ends = reasons(calls);
  expect(executor.queued).toBe(4);
  expect(executor.clear('not now')).toBe(4);
  expect(executor.queued).toBe(0);
  expect(await ends).toEqual(['not now', 'not now', 'not now', 'not now']);
  await blocker;
  expect(await executor.run({ echo: 5 })).toMatchObject({ echo: 5 });
  expect(new Int32Array(counts)[0]).toBe(3);
  expect(accountOf(executor)).toMatchObject({ offered: 7, settled: 7, outcomes: { ok: 3, cancelled: 4 } });
});

it('a producer that heeds needsDrain is not refused for calls that were taken back and have places in the queue yet', async () => {
  const { executor } = wrapped({ maxQueue: 2 });
  await executor.run({});
  const calls = reasons([1, 2, 3].map((echo) => executor.run({ echo, napMs: 20 })));
  expect(executor.clear('not now')).toBe(2);
  if (executor.needsDrain) await executor.drained();
  expect(await executor.run({ echo: 4 })).toMatchObject({ echo: 4 });
  expect(await calls).toEqual(['ok', 'not now', 'not now']);
});

it('needsDrain and drained() of a pool follow its own queue', async () => {
  const { executor } = wrapped({ maxQueue: 2 });
  await executor.run({});
  const calls: Promise<unknown>[] = [];
  for (let echo = 0; echo < 12; echo++) {
    if (executor.needsDrain) await executor.drained();
    calls.push(executor.run({ echo, napMs: 2 }));
  }
  expect(executor.needsDrain).toBe(true);
  expect(new Set(await reasons(calls))).toEqual(new Set(['ok']));
});

it('close() within a bound ends endless workers, and what waits behind them, in the pool and at a shut gate', async () => {
  const { executor } = wrapped({ maxThreads: 2, minThreads: 2 }, 4);
  await executor.run({});
  await apply(executor, 'concurrency', 3);
  const calls = Array.from({ length: 8 }, () => executor.run({ spinMs: 1e9 }));
  const ends = reasons(calls);
  await until(() => executor.queued === 6);
  await executor.close({ withinMs: 30 });
  const cancelled = { code: 'ERR_SANDTUNE_CANCELLED', outcome: 'cancelled' };
  expect(await ends).toMatchObject(calls.map(() => cancelled));
  expect(accountOf(executor)).toMatchObject({ offered: 9, settled: 9, inFlight: 0 });
});

it('a later close() with a bound ends what an earlier one without waits for', async () => {
  const { executor } = wrapped();
  const ends = reasons([executor.run({ spinMs: 1e9 })]);
  const closing = executor.close();
  expect(executor.close({ withinMs: 40 })).toBe(closing);
  await closing;
  expect(await ends).toMatchObject([{ outcome: 'cancelled', stage: 'execute' }]);
});

it('a call that waits at our gate ends with the error of the pool when its event emitter aborts it, and never runs', async () => {
  const counts = new SharedArrayBuffer(4);
  const { executor } = wrapped({ workerData: counts }, 1);
  const blocker = executor.run({ napMs: 50 });
  const signal = new EventEmitter();
  const call = executor.run({ echo: 2 }, { signal });
  signal.emit('abort');
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  await blocker;
  expect(new Int32Array(counts)[0]).toBe(1);
  expect(executor.totals().outcomes).toMatchObject({ ok: 1, cancelled: 1 });
});

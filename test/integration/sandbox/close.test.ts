import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { books, calc, createSandbox, errorOf, openSandbox, probe } from './guests.ts';

it('close() of a sandbox lets everything in flight end, running and queued, and loses nothing', async () => {
  const sandbox = await createSandbox({ guests: { calc: { module: calc } }, threads: 3, batchSize: 4 });
  const calls = Array.from({ length: 500 }, (_, i) => sandbox.function('add')(i, 1));
  await sandbox.close();
  expect(books(sandbox)).toEqual({ offered: 500, settled: 500, inFlight: 0 });
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
});

it('close() of a sandbox does not wait for a batch to fill', async () => {
  // A linger that never ends.
  const timers = { sleep: () => new Promise<void>(() => {}) };
  const sandbox = await createSandbox({
    guests: { probe },
    threads: 1,
    batchSize: 100,
    batchLingerMs: 100,
    surroundings: { timers },
  });
  const call = sandbox.function('echo')(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sandbox.totals().inFlight).toBe(1);
  await sandbox.close();
  expect(await call).toBe(1);
});

it('close() of a sandbox is harmless a second time and gives the same promise', async () => {
  const sandbox = await createSandbox({ guests: { probe }, threads: 1 });
  const call = sandbox.function('wait')(50);
  const [first, second] = [sandbox.close(), sandbox.close()];
  expect(second).toBe(first);
  await first;
  await sandbox.close();
  await call;
});

it('a sandbox rejects calls made after close(), also while it waits', async () => {
  const sandbox = await createSandbox({ guests: { probe }, threads: 1 });
  const last = sandbox.function('wait')(50);
  const closing = sandbox.close();
  const rejected = { code: 'ERR_SANDTUNE_CLOSED', outcome: 'rejected', stage: 'admit' };
  expect(await errorOf(sandbox.function('echo')(1))).toMatchObject(rejected);
  await closing;
  await last;
  expect(await errorOf(sandbox.function('echo')(1))).toMatchObject(rejected);
});

it('close() of a sandbox is not held up by an endless call nobody waits for any more', async () => {
  const sandbox = await createSandbox({ guests: { calc: { module: calc } }, threads: 1 });
  const abort = new AbortController();
  const endless = sandbox.function('spin').run([], { signal: abort.signal });
  setTimeout(() => abort.abort('enough'), 20);
  await errorOf(endless);
  await sandbox.close();
});

it('close() of a sandbox ends its workers', async () => {
  const ended: Promise<unknown>[] = [];
  const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
  const follow = (message: unknown) => {
    const { worker } = message as { worker: import('node:worker_threads').Worker };
    ended.push(new Promise((resolve) => worker.once('exit', resolve)));
  };
  subscribe('worker_threads', follow);
  const sandbox = await openSandbox({ guests: { probe }, threads: 2 });
  unsubscribe('worker_threads', follow);
  expect(ended).toHaveLength(2);
  await sandbox.close();
  await Promise.all(ended);
});

it('close() with a bound resolves once every worker has ended, also one that was ended just before', async () => {
  const alive = new Set<Worker>();
  const started = (message: unknown) => {
    const { worker } = message as { readonly worker: Worker };
    alive.add(worker);
    worker.once('exit', () => alive.delete(worker));
  };
  subscribe('worker_threads', started);
  onTestFinished(() => void unsubscribe('worker_threads', started));
  for (const endsOne of [false, true]) {
    for (const withinMs of [0, 3]) {
      const sandbox = await createSandbox({ guests: { calc: { module: calc } }, threads: 2 });
      const [worker] = alive;
      if (endsOne) void worker?.terminate();
      await sandbox.close({ withinMs });
      expect(alive.size).toBe(0);
    }
  }
});

/** A sandbox whose calls run in the thread of their caller. */
import { expect, it, onTestFinished } from 'vitest';
import { createSandbox } from '../../../src/sandbox/create-sandbox.ts';
import { assemble } from '../../sandbox/assemble.ts';
import { books, calc, errorOf, probe } from './guests.ts';

async function inThread(options = {}) {
  const sandbox = await createSandbox({ guests: { calc: { module: calc } }, tier: 'thread', ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

it('calls in the thread of their caller give what calls on workers give, with a promise and without one', async () => {
  const here = await inThread();
  const there = await createSandbox({ guests: { calc: { module: calc } }, threads: 1 });
  onTestFinished(() => there.close());
  for (const [name, args] of [
    ['add', [1, 2]],
    ['add', [1, 'two']],
    ['add', [1]],
    ['add', [1, 2, 3]],
    ['wide', [1n]],
    ['count', []],
    ['boom', []],
    ['count', []],
    ['grow', [100_000]],
  ] as const) {
    const theirs = await there
      .function(name)(...args)
      .catch((error: unknown) => error);
    const ours = await here
      .function(name)(...args)
      .catch((error: unknown) => error);
    const ran = await here.run({ function: name, args }).catch((error: unknown) => error);
    if (theirs instanceof Error) {
      const { code, outcome, stage } = theirs as Error & Record<string, unknown>;
      expect([ours, ran]).toMatchObject([
        { code, outcome, stage },
        { code, outcome, stage },
      ]);
      expect(() => here.function(name).sync?.(...args)).toThrow(expect.objectContaining({ code, outcome, stage }));
    } else if (name !== 'count') {
      expect([ours, ran, here.function(name).sync?.(...args)]).toEqual([theirs, theirs, theirs]);
    }
  }
  // A trap ends its instance: the count begins anew.
  expect(here.totals().outcomes).toMatchObject({ trap: 3, rejected: 9 });
  const { offered, settled, inFlight } = books(here);
  expect([settled, inFlight]).toEqual([offered, 0]);
});

it('calls in the thread of their caller are measured as others are, whichever way they are made', async () => {
  const sandbox = await inThread({ spans: { sampleEvery: 1 } });
  using window = sandbox.openWindow();
  const add = sandbox.function('add');
  for (let call = 0; call < 1000; call++) add.sync?.(1, 2);
  for (let call = 0; call < 500; call++) await add(1, 2);
  for (let call = 0; call < 100; call++) await add.run([1, 2], { priority: 'high', tenant: 'a' });
  const seen = window.cut();
  expect(seen).toMatchObject({ offered: 1600, backlogAtEnd: 0, outcomes: { ok: 1600 }, stageSamples: 1600 });
  for (const distribution of [seen.wait, seen.service, seen.latency]) expect(distribution.count).toBe(1600);
  expect(seen.work.batches).toBe(1600);
  expect(seen.cache).toMatchObject({ hits: 1599, misses: 1 });
  expect(seen.start.count).toBe(1);
  expect(Math.abs(seen.service.sumMs - seen.work.executeMs)).toBeLessThan(seen.service.sumMs / 2);
  // What came before a change of setting is not told as after it.
  for (let call = 0; call < 10; call++) add.sync?.(1, 2);
  expect(window.cut()).toMatchObject({ offered: 10, latency: { count: 10 } });
});

it('what takes a worker to keep its word is refused beside it, with a reason', async () => {
  const guests = { calc: { module: calc } };
  for (const options of [{ threads: 2 }, { deadlineMs: 50 }, { transport: 'ring' }, { batchSize: 4 }, { maxQueue: 3 }])
    expect(await errorOf(createSandbox({ guests, tier: 'thread', ...options } as never))).toMatchObject({
      code: 'ERR_SANDTUNE_OPTION',
      message: expect.stringMatching(new RegExp(`^${Object.keys(options)[0]}: expected n`, 'u')) as string,
    });
  expect(await errorOf(createSandbox({ guests: { probe }, tier: 'thread' }))).toMatchObject({
    message: expect.stringContaining('binding') as string,
  });
  expect(await errorOf(createSandbox({ guests, tier: 'fibre' as never }))).toMatchObject({
    code: 'ERR_SANDTUNE_OPTION',
  });
  const sandbox = await inThread();
  expect(await errorOf(sandbox.function('add').run([1, 2], { deadlineMs: 50 }))).toMatchObject({
    outcome: 'rejected',
    message: expect.stringContaining('deadlineMs') as string,
  });
  expect(sandbox.knobs).toEqual([]);
  expect(sandbox.withheld['threads']).toMatch(/thread of their caller/u);
});

it('a signal that has fired cancels a call, and a closed sandbox refuses each, in the thread of its caller too', async () => {
  const sandbox = await inThread();
  const add = sandbox.function('add');
  expect(await errorOf(add.run([1, 2], { signal: AbortSignal.abort('enough') }))).toBe('enough');
  await sandbox.close();
  expect(() => add.sync?.(1, 2)).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_CLOSED', outcome: 'rejected' }));
  expect(await errorOf(add(1, 2))).toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
  expect(await errorOf(add.run([1, 2]))).toMatchObject({ code: 'ERR_SANDTUNE_CLOSED' });
  expect(sandbox.totals()).toMatchObject({ offered: 4, inFlight: 0, outcomes: { cancelled: 1, rejected: 3 } });
});

it('a guest that fails when it is brought up fails createSandbox() in the thread of its caller too', async () => {
  const module = assemble('(module (func $start unreachable) (start $start) (func (export "f")))');
  const guests = { bad: { module } };
  const [here, there] = await Promise.all([
    errorOf(createSandbox({ guests, tier: 'thread' })),
    errorOf(createSandbox({ guests, threads: 1 })),
  ]);
  const { code, message } = there as { code: string; message: string };
  expect(here).toMatchObject({ code, message });
});

it('guests beyond the capacity of the cache are brought up again, and each has its own state', async () => {
  const guests = { a: { module: calc }, b: { module: calc } };
  const sandbox = await inThread({ guests, moduleCacheCapacity: 1 });
  const [a, b] = [sandbox.function('a.count'), sandbox.function('b.count')];
  expect([a.sync?.(), a.sync?.(), b.sync?.(), a.sync?.()]).toEqual([1, 2, 1, 1]);
  const perCall = await inThread({ guests: { calc: { module: calc, instance: 'per-call' } } });
  expect([perCall.function('count').sync?.(), perCall.function('count').sync?.()]).toEqual([1, 1]);
});

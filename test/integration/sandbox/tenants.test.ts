/** Calls that name their tenants, on real workers. */
import { expect, it } from 'vitest';
import { beginning, books, calc, errorOf, openSandbox, probe } from './guests.ts';

it('a tenant has no more calls at work than it may, and the calls of others pass those that wait', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 2, tenants: { maxRunning: 1, maxQueue: 2 } });
  const { begun, whenBegun, letGo } = beginning();
  const held = sandbox.function('hold').run([begun], { tenant: 'greedy' });
  await whenBegun;
  const waits = [1, 2].map((n) => sandbox.function('echo').run([n], { tenant: 'greedy' }));
  const shed = await errorOf(sandbox.function('echo').run([3], { tenant: 'greedy' }));
  expect(shed).toMatchObject({ code: 'ERR_SANDTUNE_TENANT_LIMIT', outcome: 'shed', stage: 'admit' });
  expect(await sandbox.function('echo').run([4], { tenant: 'modest' })).toBe(4);
  expect(await sandbox.function('echo')(5)).toBe(5);
  expect(sandbox.totals().inFlight).toBe(3);
  letGo();
  await held;
  expect(await Promise.all(waits)).toEqual([1, 2]);
  expect(books(sandbox)).toEqual({ offered: 6, settled: 6, inFlight: 0 });
});

it('calls of a tenant that are given up or lost give its place back', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1, tenants: { maxRunning: 1 } });
  for (const end of ['abort', 'exit', 'deadline'] as const) {
    const abort = new AbortController();
    const { begun, whenBegun } = beginning();
    const call =
      end === 'exit'
        ? sandbox.function('exit').run([], { tenant: 'a' })
        : sandbox.function('spin').run([begun], {
            tenant: 'a',
            signal: abort.signal,
            ...(end === 'deadline' && { deadlineMs: 20 }),
          });
    const error = errorOf(call);
    const next = sandbox.function('echo').run([1], { tenant: 'a' });
    const waits = sandbox
      .function('echo')
      .run([1], { tenant: 'a', signal: abort.signal })
      .catch(() => 0);
    if (end === 'abort') await whenBegun;
    if (end === 'abort') abort.abort('enough');
    await error;
    expect(await next).toBe(1);
    await waits;
  }
  expect(await sandbox.function('echo').run([2], { tenant: 'a' })).toBe(2);
});

it('arguments of a tenant that wait are counted in bytes, and more than it may have are shed', async () => {
  const sandbox = await openSandbox({
    guests: { probe },
    threads: 1,
    tenants: { maxQueueBytes: 1000, cost: 'calls' },
  });
  const { begun, whenBegun, letGo } = beginning();
  const held = sandbox.function('hold')(begun);
  await whenBegun;
  const fits = sandbox.function('length').run([new Uint8Array(900)], { tenant: 'a' });
  const other = sandbox.function('length').run([new Uint8Array(900)], { tenant: 'b' });
  expect(await errorOf(sandbox.function('length').run([new Uint8Array(200)], { tenant: 'a' }))).toMatchObject({
    message: expect.stringContaining('1000 bytes') as string,
  });
  letGo();
  await held;
  expect(await Promise.all([fits, other])).toEqual([900, 900]);
});

it('urgent calls go before others, and a wrong tenant or priority is refused before anything is sent', async () => {
  const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1 });
  const add = sandbox.function('add');
  expect(await add.run([1, 2], { priority: 'high', tenant: 'a' })).toBe(3);
  for (const options of [{ tenant: '' }, { tenant: 7 }, { tenant: 'x'.repeat(257) }, { priority: 'urgent' }])
    expect(await errorOf(add.run([1, 2], options as never))).toMatchObject({ outcome: 'rejected' });
});

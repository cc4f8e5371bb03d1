import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../sandbox/assemble.ts';
import { answersAtOnce, beginning, books, calc, errorOf, openSandbox, probe, transport } from './guests.ts';

describe('the deadline', () => {
  it('the deadline ends an endless call inside a batch and spares every neighbour', async () => {
    const sandbox = await openSandbox({
      guests: { calc: { module: calc } },
      threads: 1,
      batchSize: 8,
    });
    const add = sandbox.function('add');
    const spin = () => sandbox.function('spin').run([], { deadlineMs: 200 });
    const settled = await Promise.allSettled([add(1, 0), add(2, 0), spin(), add(3, 0), add(4, 0)]);
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.code))).toEqual([
      1,
      2,
      'ERR_SANDTUNE_DEADLINE',
      3,
      4,
    ]);
    expect(settled[2]).toMatchObject({ reason: { outcome: 'timeout', stage: 'execute' } });
    expect(books(sandbox)).toEqual({ offered: 5, settled: 5, inFlight: 0 });
  });

  it('the deadline spares the neighbours of several endless calls in one batch', async () => {
    const sandbox = await openSandbox({
      guests: { calc: { module: calc } },
      threads: 2,
      batchSize: 8,
    });
    const add = sandbox.function('add');
    const spin = () => sandbox.function('spin').run([], { deadlineMs: 200 });
    const settled = await Promise.allSettled([add(1, 0), spin(), add(2, 0), spin(), add(3, 0), spin(), add(4, 0)]);
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.outcome))).toEqual([
      1,
      'timeout',
      2,
      'timeout',
      3,
      'timeout',
      4,
    ]);
  });

  it('an overrun deadline replaces the worker of the call, and only that one', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc }, probe }, threads: 2, deadlineMs: 200 });
    const who = async () =>
      (await sandbox.run({ function: 'probe.wait', args: [5] }, { deadlineMs: 60_000 })) as number;
    const before = new Set(await Promise.all([who(), who()]));
    await errorOf(sandbox.run({ function: 'calc.spin' }));
    await expect.poll(() => sandbox.knobs[0]?.read().effective).toBe(2);
    const after = new Set<number>();
    await expect
      .poll(async () => {
        for (const id of await Promise.all([who(), who()])) after.add(id);
        return after.size;
      })
      .toBeGreaterThanOrEqual(2);
    expect([...after].filter((id) => before.has(id)).length).toBe(1);
  });

  it('the deadline is for one call, not for its batch', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1, batchSize: 8, deadlineMs: 1500 });
    const waits = Array.from({ length: 4 }, () => sandbox.run({ function: 'wait', args: [500] }));
    expect(await Promise.all(waits)).toHaveLength(4);
  });

  it('each call settles exactly once when many overrun the deadline at the same time on few workers', async () => {
    const sandbox = await openSandbox({
      guests: { calc: { module: calc } },
      threads: 2,
      batchSize: 4,
    });
    const calls = Array.from({ length: 24 }, (_, i) =>
      i % 6 === 0 ? sandbox.function('spin').run([], { deadlineMs: 150 }) : sandbox.function('add')(i, 0),
    );
    const settled = await Promise.allSettled(calls);
    settled.forEach((one, i) => {
      if (i % 6 === 0) expect(one).toMatchObject({ reason: { outcome: 'timeout' } });
      else expect(one).toMatchObject({ value: i });
    });
    expect(books(sandbox)).toEqual({ offered: 24, settled: 24, inFlight: 0 });
  });
});

// What condemns a call stands elsewhere for calls that travel in shared memory: ring/ring-server.test.ts has their test.
it.skipIf(transport === 'ring')(
  'a condemned call neither finishes nor is followed by another, however late it was condemned',
  async () => {
    const workers: Worker[] = [];
    const follow = (message: unknown) => workers.push((message as { worker: Worker }).worker);
    subscribe('worker_threads', follow);
    const guest = {
      ...probe,
      binding: new URL('./condemn-binding.ts', import.meta.url),
      functions: ['condemnSelf', 'count'],
    };
    const sandbox = await openSandbox({ guests: { guest }, threads: 1, batchSize: 2 });
    unsubscribe('worker_threads', follow);
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const { begun, whenBegun } = beginning();
    const calls = Promise.allSettled([sandbox.function('condemnSelf')(begun), sandbox.function('count')(cell)]);
    await whenBegun;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(Atomics.load(cell, 0)).toBe(0);
    await workers[0]?.terminate();
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(Atomics.load(cell, 0)).toBe(1);
  },
);

it('a call that never got out of its cold start times out at stage start', async () => {
  const binding = new URL('./bound-once-binding.ts', import.meta.url);
  const guest = { module: assemble('(module)'), binding, functions: ['f'], instance: 'per-call' } as const;
  const sandbox = await openSandbox({ guests: { guest }, threads: 1 });
  // The first call has the instance that was brought up when the sandbox started.
  expect(await sandbox.function('f')()).toBe(1);
  expect(await errorOf(sandbox.function('f').run([], { deadlineMs: 500 }))).toMatchObject({
    outcome: 'timeout',
    stage: 'start',
  });
});

describe('a lost worker', () => {
  it('a worker that is lost takes down the call that ran, once, and no other', async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc }, probe }, threads: 1, batchSize: 8 });
    const add = sandbox.function('calc.add');
    const [before, ended, after] = await Promise.allSettled([add(1, 0), sandbox.function('probe.exit')(), add(2, 0)]);
    expect([before, after]).toMatchObject([{ value: 1 }, { value: 2 }]);
    expect(ended).toMatchObject({ reason: { code: 'ERR_SANDTUNE_WORKER_LOST', outcome: 'lost', stage: 'execute' } });
  });

  it('a call that a binding may have acted on is not repeated when its worker is lost, unless it is idempotent', async () => {
    const guest = { ...probe, binding: new URL('./condemn-binding.ts', import.meta.url), functions: ['count'] };
    const sandbox = await openSandbox({
      guests: { calc: { module: calc }, guest },
      threads: 1,
      batchSize: 8,
    });
    const [once, twice] = [new Int32Array(new SharedArrayBuffer(4)), new Int32Array(new SharedArrayBuffer(4))];
    const count = sandbox.function('guest.count');
    const settled = await Promise.allSettled([
      count(once),
      count.run([twice], { idempotent: true }),
      sandbox.function('calc.spin').run([], { deadlineMs: 200 }),
    ]);
    expect(settled).toMatchObject([
      answersAtOnce ? { value: 0 } : { reason: { outcome: 'lost', stage: 'return' } },
      { value: answersAtOnce ? 0 : 1 },
      { reason: { outcome: 'timeout' } },
    ]);
    expect([once[0], twice[0]]).toEqual(answersAtOnce ? [1, 1] : [1, 2]);
  });

  it('an idempotent call is repeated once when its worker is lost, then given up', async () => {
    const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
    using window = sandbox.openWindow();
    const exit = sandbox.function('exit');
    expect(await errorOf(exit.run([], { idempotent: true }))).toMatchObject({ outcome: 'lost' });
    expect(await sandbox.function('echo')(1)).toBe(1);
    // Two workers died for it, so two were started in their place.
    expect(window.cut().work.workerStarts).toBe(2);
  });
});

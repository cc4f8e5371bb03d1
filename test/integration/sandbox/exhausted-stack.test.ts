import { expect, it } from 'vitest';
import { createSandbox as create, wrap } from '../../../src/index.ts';
import { books, calc, openSandbox } from './guests.ts';

/** Calls at each of the last levels of the stack, the deepest first. @returns what the calls that were made gave */
function callsToTheEnd<T>(call: () => T): T[] {
  const made: T[] = [];
  let levels = 0;
  const down = (): void => {
    try {
      down();
    } catch {
      // The end.
    }
    if (levels++ >= 3000) return;
    try {
      made.push(call());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  };
  down();
  return made;
}

it('a call made with almost no stack left throws at once, or settles as any other', async () => {
  const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1 });
  const add = sandbox.function('add');
  for (const options of [undefined, { tenant: 'a', deadlineMs: 60_000, priority: 'high' as const }]) {
    const before = sandbox.totals().offered;
    const calls = callsToTheEnd(() => add.run([1, 2], options));
    expect(calls.length).toBeGreaterThan(0);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([3]));
    expect(sandbox.totals().offered - before).toBe(calls.length);
  }
  const { offered, settled, inFlight } = books(sandbox);
  expect([settled, inFlight]).toEqual([offered, 0]);
});

it('a call in the thread of its caller does likewise', async () => {
  const sandbox = await create({ guests: { calc: { module: calc } }, tier: 'thread' });
  const { sync } = sandbox.function('add');
  const calls = callsToTheEnd(() => sync?.(1, 2));
  expect(new Set(calls)).toEqual(new Set([3]));
  expect(sandbox.totals()).toMatchObject({ offered: calls.length, outcomes: { ok: calls.length }, inFlight: 0 });
  await sandbox.close();
});

it('a call of a wrapped function does likewise, whatever other executors have called before', async () => {
  const executor = wrap(async (n: number) => n + 1, { name: 'deep', concurrency: 4 });
  const calls = callsToTheEnd(() => executor.run(1));
  expect(new Set(await Promise.all(calls))).toEqual(new Set([2]));
  expect(executor.totals()).toMatchObject({ offered: calls.length, outcomes: { ok: calls.length }, inFlight: 0 });
});

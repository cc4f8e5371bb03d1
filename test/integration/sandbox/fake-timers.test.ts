import { afterEach, expect, it, vi } from 'vitest';
import { calc, openSandbox, transport } from './guests.ts';

afterEach(() => void vi.useRealTimers());

it('calls settle while a test has put timers of its own in place of the global ones', async () => {
  const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1, batchSize: 8 });
  const add = sandbox.function('add');
  vi.useFakeTimers({
    toFake: ['setTimeout', 'setImmediate', 'setInterval', 'queueMicrotask', 'performance', 'Date'],
  });
  const tenants = Array.from({ length: 20 }, (_, one) =>
    add.run([one, 1], { tenant: `t${one % 3}`, deadlineMs: 60_000 }),
  );
  expect(await Promise.all([add(1, 2), ...tenants])).toEqual([3, ...tenants.map((_, one) => one + 1)]);
  const late = sandbox.function('spin').run([], { deadlineMs: 30 });
  await expect(late).rejects.toMatchObject({ outcome: 'timeout' });
  expect(await add(2, 2)).toBe(4);
}, 30_000);

it.runIf(transport === 'ring')(
  'calls one after the other do too',
  async () => {
    const sandbox = await openSandbox({ guests: { calc: { module: calc } }, threads: 1 });
    vi.useFakeTimers();
    for (let one = 0; one < 200; one++) expect(await sandbox.function('add')(one, 1)).toBe(one + 1);
  },
  30_000,
);

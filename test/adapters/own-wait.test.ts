/** What the threads of a pool tell of their waiting, as windows show it. */
import { expect, it } from 'vitest';
import { OwnWait } from '../../src/adapters/piscina/own-wait.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { poolOfTest } from './pools.ts';

/** Two windows of calls of a pool of one thread, without those in which it starts. */
async function windowOf(
  pool: ReturnType<typeof poolOfTest>,
  call: () => readonly [{ napMs?: number; spinMs?: number }, string?],
) {
  const wrapped = wrap(pool);
  const [input, name] = call();
  const options = name === undefined ? {} : { name };
  await wrapped.run(input, options);
  using open = wrapped.openWindow();
  for (let i = 0; i < 5; i++) await wrapped.run(input, options);
  const window = open.cut();
  await wrapped.close();
  return window;
}

it('calls that wait for a timer are told as waiting of their own, and calls that compute are not', async () => {
  const waiting = await windowOf(poolOfTest({ maxThreads: 1 }), () => [{ napMs: 40 }, 'later']);
  expect(waiting.ownWaitMs).toBeGreaterThan(150);
  expect(waiting.ownWaitMs).toBeLessThanOrEqual(waiting.endMs - waiting.startMs);
  const computing = await windowOf(poolOfTest({ maxThreads: 1 }), () => [{ spinMs: 40 }]);
  expect(computing.ownWaitMs).toBeLessThan(100);
});

it('a thread that has no call does not count as waiting', async () => {
  const pool = poolOfTest({ maxThreads: 1 });
  const wrapped = wrap(pool);
  await wrapped.run({});
  using open = wrapped.openWindow();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(open.cut().ownWaitMs).toBeLessThan(100);
  await wrapped.close();
});

it('threads that idle in their event loop without a call do not tell, nor do those that cannot be asked', async () => {
  const pool = poolOfTest({ maxThreads: 1, atomics: 'disabled' });
  expect(await windowOf(pool, () => [{ napMs: 5 }, 'later'])).not.toHaveProperty('ownWaitMs');
  const threads = [{ threadId: 1, terminate: async () => 0 }];
  expect(new OwnWait({ options: { atomics: 'sync' } as never, threads }).readMs()).toBeNaN();
  const gone = {
    options: { atomics: 'sync' } as never,
    get threads(): never {
      throw new Error('gone');
    },
  };
  expect(new OwnWait(gone).readMs()).toBeNaN();
});

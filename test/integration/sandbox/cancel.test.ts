import { expect, it } from 'vitest';
import { books, errorOf, openSandbox, probe } from './guests.ts';

it('a cancelled call that waits rejects at once with the reason of its signal, and never runs', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
  const blocker = sandbox.function('wait')(100);
  const abort = new AbortController();
  const queued = sandbox.function('who').run([], { signal: abort.signal });
  const reason = new Error('no longer wanted');
  abort.abort(reason);
  expect(await errorOf(queued)).toBe(reason);
  expect(sandbox.totals().inFlight).toBe(1);
  await blocker;
  expect(await sandbox.function('who')()).toMatchObject({ callsHere: 1 });
});

it('a cancelled call that runs settles as cancelled, and its result is dropped', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
  const abort = new AbortController();
  const running = sandbox.function('wait').run([3000], { signal: abort.signal });
  setTimeout(() => abort.abort('enough'), 30);
  expect(await errorOf(running)).toBe('enough');
  expect(await sandbox.function('echo')(1)).toBe(1);
  expect(sandbox.totals().outcomes).toMatchObject({ cancelled: 1, ok: 1 });
});

it('a call whose signal has fired is not admitted', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
  expect(await errorOf(sandbox.function('who').run([], { signal: AbortSignal.abort('before') }))).toBe('before');
  expect(books(sandbox)).toEqual({ offered: 1, settled: 1, inFlight: 0 });
});

it('a settled call leaves no listener on a signal that outlives it', async () => {
  const sandbox = await openSandbox({ guests: { probe }, threads: 1 });
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const watched = new Proxy(signal, {
    get: (target, key) => {
      if (key === 'addEventListener') return (_: string, listener: unknown) => listeners.add(listener);
      if (key === 'removeEventListener') return (_: string, listener: unknown) => listeners.delete(listener);
      return Reflect.get(target, key, target) as unknown;
    },
  });
  const call = sandbox.function('echo').run([1], { signal: watched });
  expect(listeners.size).toBe(1);
  await call;
  expect(listeners.size).toBe(0);
});

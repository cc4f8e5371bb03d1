import { EventEmitter, getEventListeners } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { accountOf, buildPool } from './pools.ts';

const pools: ReturnType<typeof buildPool>[] = [];
function pool(options?: Parameters<typeof buildPool>[0]) {
  const built = buildPool(options);
  pools.push(built);
  return built;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((one) => one.destroy()));
});

it('a wrapped pool takes null for a signal, as the pool does', async () => {
  expect(await wrap(pool()).run({ echo: 1 }, { signal: null })).toMatchObject({ echo: 1 });
});

it('a wrapped pool takes an event emitter for a signal, as the pool does, and its abort cancels what runs and what waits', async () => {
  const wrapped = wrap(pool({ maxThreads: 1 }));
  const signal = new EventEmitter();
  expect(await wrapped.run({ echo: 1 }, { signal })).toMatchObject({ echo: 1 });
  const calls = [wrapped.run({ spinMs: 10_000 }, { signal }), wrapped.run({}, { signal })];
  signal.emit('abort');
  for (const call of calls) await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  expect(await wrapped.run({ echo: 2 }, { signal })).toMatchObject({ echo: 2 });
  expect(accountOf(wrapped).outcomes).toMatchObject({ ok: 2, cancelled: 2 });
});

it('an event target that keeps nothing of its abort cancels a call as the pool does, and is counted so', async () => {
  const wrapped = wrap(pool({ maxThreads: 1 }));
  const work = Promise.withResolvers<void>();
  const fn = wrap(() => work.promise);
  for (const executor of [wrapped, fn] as const) {
    const signal = new EventTarget() as AbortSignal;
    const call = (executor as typeof wrapped).run({ spinMs: 10_000 }, { signal });
    signal.dispatchEvent(new Event('abort'));
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(accountOf(executor).outcomes).toMatchObject({ cancelled: 1, lost: 0 });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }
  work.resolve();
});

it.each(['a pool', 'a function', 'a function behind a gate'])(
  'calls of %s that share a signal put one listener on it, and take it away',
  async (kind) => {
    const one = async (input: object) => input;
    const wrapped = kind === 'a pool' ? wrap(pool()) : wrap(one, kind === 'a function' ? {} : { concurrency: 2 });
    for (const signal of [new AbortController().signal, new EventEmitter()]) {
      const listeners = () =>
        signal instanceof EventEmitter ? signal.listenerCount('abort') : getEventListeners(signal, 'abort').length;
      const calls = Array.from({ length: 30 }, () => wrapped.run({}, { signal }));
      expect(listeners()).toBe(1);
      await Promise.all(calls);
      expect(listeners()).toBe(0);
    }
  },
);

it('a wrapped function gets a signal that it can read also where its caller gave an event emitter', async () => {
  const emitter = new EventEmitter();
  const wrapped = wrap(
    (_: object, context) => new Promise((resolve) => context?.signal.addEventListener('abort', resolve)),
  );
  const call = wrapped.run({}, { signal: emitter });
  emitter.emit('abort');
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  await wrapped.close();
});

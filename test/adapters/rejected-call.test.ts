import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { copies } from '../../bench/accept/wrap/copies.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { accountOf } from './pools.ts';

describe.each(copies)('what a call of $name counts as that the pool rejects', ({ Piscina, major }) => {
  function pool(options: object = {}) {
    const filename = new URL('./result-worker.ts', import.meta.url).href;
    const built = new Piscina({ filename, minThreads: 1, maxThreads: 1, ...options });
    onTestFinished(() => built.destroy());
    return built;
  }

  it.each(['lines', 'give'])(
    `a generator that a function of a pool gives (%s) is a trap that says so, and is not tried again (piscina ${major})`,
    async (name) => {
      const wrapped = wrap<unknown, unknown>(pool());
      const runs = new SharedArrayBuffer(4);
      const gave = `'${name}': expected a result, got a generator, whose work begins when it is read`;
      await expect(wrapped.run({ runs }, { name, idempotent: true })).rejects.toThrow(gave);
      expect(accountOf(wrapped).outcomes).toMatchObject({ trap: 1, lost: 0 });
      expect(new Int32Array(runs)[0]).toBe(name === 'give' ? 1 : 0);
      expect(await wrapped.run(2)).toBe(2);
    },
  );

  it(`calls that a generator of a neighbour took along are lost, and repeated where they may be (piscina ${major})`, async () => {
    const wrapped = wrap<unknown, unknown>(pool({ concurrentTasksPerWorker: 2 }));
    await wrapped.run(0);
    const ends = await Promise.allSettled([wrapped.run({}, { name: 'lines' }), wrapped.run(1, { idempotent: true })]);
    expect(ends).toMatchObject([{ status: 'rejected' }, { value: 1 }]);
    expect(accountOf(wrapped).outcomes).toMatchObject({ ok: 2, lost: 1, trap: 0 });
  });

  it(`what a function itself cannot clone is a trap, and an input that cannot be sent is rejected (piscina ${major})`, async () => {
    const wrapped = wrap<unknown, unknown>(pool());
    await expect(wrapped.run(1, { name: 'clone' })).rejects.toThrow('could not be cloned');
    expect(accountOf(wrapped).outcomes).toMatchObject({ trap: 1, rejected: 0 });
    await expect(wrapped.run(() => 1)).rejects.toThrow('could not be cloned');
    expect(accountOf(wrapped).outcomes).toMatchObject({ trap: 1, rejected: 1 });
  });

  it(`the errors of a pool of another realm count as those of any (piscina ${major})`, async () => {
    const built = pool({ maxQueue: 0 });
    await built.run(0);
    const OtherError = runInNewContext('Error') as typeof Error;
    const run = built.run.bind(built);
    built.run = (input, options) =>
      run(input, options).catch((error: Error) => {
        throw Object.assign(new OtherError(error.message, { cause: error.cause }), { name: error.name });
      });
    const wrapped = wrap<unknown, unknown>(built);
    const stop = new AbortController();
    const running = wrapped.run(1, { name: 'never', signal: stop.signal });
    await expect(wrapped.run(2)).rejects.toThrow('No task queue available');
    stop.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(accountOf(wrapped).outcomes).toMatchObject({ shed: 1, cancelled: 1 });
  });
});

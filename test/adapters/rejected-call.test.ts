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

  it.each(['at once', 'after it has waited'])(
    `what a function cannot clone is a trap though its input was moved, and a move that fails is rejected (%s, piscina ${major})`,
    async (when) => {
      const wrapped = wrap<unknown, unknown>(pool());
      await wrapped.run(0);
      const before = when === 'at once' ? null : wrapped.run(0);
      const moved = new ArrayBuffer(8);
      const clones = wrapped.run(moved, { name: 'clone', transferList: [moved] });
      await expect(clones).rejects.toThrow('could not be cloned');
      await before;
      const again = when === 'at once' ? null : wrapped.run(0);
      const kept = new ArrayBuffer(8);
      const notSent = wrapped.run({ kept, no: () => 1 }, { transferList: [kept], idempotent: true });
      await expect(notSent).rejects.toThrow('could not be cloned');
      await again;
      await expect(wrapped.run(kept, { transferList: [kept, kept] })).rejects.toThrow('duplicate');
      expect(kept.byteLength).toBe(8);
      expect(accountOf(wrapped).outcomes).toMatchObject({ trap: 1, rejected: 2, lost: 0 });
    },
  );

  it(`an input is read once, also where it is refused or a function throws what refuses one (piscina ${major})`, async () => {
    const wrapped = wrap<unknown, unknown>(pool());
    await wrapped.run(0);
    let reads = 0;
    const input = (value: unknown) => ({
      get value() {
        reads++;
        return value;
      },
    });
    await expect(wrapped.run(input(() => 1))).rejects.toThrow('could not be cloned');
    await expect(wrapped.run(input(1), { name: 'clone' })).rejects.toThrow('could not be cloned');
    expect(reads).toBe(2);
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

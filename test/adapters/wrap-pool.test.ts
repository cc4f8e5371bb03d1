import { describe, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { accountOf, poolOfTest as pool, until } from './pools.ts';

describe('wrap(piscina pool)', () => {
  it("a wrapped pool runs calls by the pool's own options, and changes none of them", async () => {
    const built = pool();
    const before = { ...built.options };
    const wrapped = wrap(built);
    expect(wrapped.name).toBe('pool-worker');
    expect(await wrapped.run({ echo: [1, 'two'] })).toMatchObject({ echo: [1, 'two'] });
    expect(await wrapped.run({ echo: 'loud' }, { name: 'shout' })).toBe('LOUD');
    expect({ ...built.options }).toEqual(before);
    expect(wrapped.knobs.map((knob) => knob.id)).toEqual(['threads', 'idleTimeoutMs']);
  });

  it('a wrapped pool moves what is in the transfer list', async () => {
    const wrapped = wrap(pool());
    const buffer = new ArrayBuffer(16);
    const result = await wrapped.run({ echo: buffer }, { transferList: [buffer] });
    expect(buffer.detached).toBe(true);
    expect((result.echo as ArrayBuffer).byteLength).toBe(16);
  });

  it('a wrapped pool moves what was wrapped by Piscina.move(), and still learns when the call was dispatched', async () => {
    const { move } = await import('piscina');
    const wrapped = wrap(pool({ maxThreads: 1 }));
    await wrapped.run({});
    const bytes = new Uint8Array(8);
    using open = wrapped.openWindow();
    await Promise.all([wrapped.run({ spinMs: 30 }), wrapped.run(move(bytes) as never)]);
    expect(bytes.buffer.detached).toBe(true);
    expect(open.cut().wait.maxMs).toBeGreaterThan(20);
  });

  it('a wrapped pool tells waiting in the pool from working, though piscina does not say when it dispatches', async () => {
    const wrapped = wrap(pool({ maxThreads: 1 }));
    await wrapped.run({});
    using open = wrapped.openWindow();
    await Promise.all(Array.from({ length: 5 }, () => wrapped.run({ spinMs: 20 })));
    const { wait, service, latency, work } = open.cut();
    // One thread: the calls work one after the other, so each works 20 ms and the last waits for four.
    // Without the moment of dispatch, wait would be 0 and the longest service all of it.
    expect(wait.maxMs).toBeGreaterThan(70);
    expect(service.minMs).toBeGreaterThan(19);
    expect(service.sumMs).toBeLessThan(latency.sumMs / 2);
    expect(work.busyFraction).toBeGreaterThan(0.5);
    expect(work.busyFraction).toBeLessThanOrEqual(1);
  });

  it('a wrapped pool rejects with what the worker threw, and counts a trap', async () => {
    const wrapped = wrap(pool());
    await expect(wrapped.run({ fail: 'too far' })).rejects.toThrow(new RangeError('too far'));
    expect(accountOf(wrapped).outcomes['trap']).toBe(1);
  });

  it.each([{}, { concurrency: 1 }])(
    'a cancelled call of a wrapped pool (%o) rejects with what the pool throws, before it runs, waiting or running',
    async (options) => {
      const wrapped = wrap(pool({ maxThreads: 1 }), options);
      await wrapped.run({});
      const [running, waiting] = [new AbortController(), new AbortController()];
      const first = wrapped.run({ spinMs: 10_000 }, { signal: running.signal });
      const second = wrapped.run({}, { signal: waiting.signal });
      const reason = new Error('changed my mind');
      waiting.abort(reason);
      running.abort(reason);
      const third = wrapped.run({}, { signal: running.signal });
      for (const call of [first, second, third]) {
        await expect(call).rejects.toMatchObject({ name: 'AbortError', message: 'The task has been aborted' });
        await expect(call).rejects.toHaveProperty('cause', reason);
      }
      expect(await wrapped.run({ echo: 1 })).toMatchObject({ echo: 1 });
      expect(accountOf(wrapped)).toMatchObject({ offered: 5, settled: 5, outcomes: { ok: 2, cancelled: 3 } });
    },
  );

  it.each([
    ['options', 5],
    ['options', null],
    ['transferList', { transferList: 5 }],
    ['filename', { filename: 5 }],
    ['name', { name: 5 }],
    ['signal', { signal: 5 }],
  ])('wrong %s of a call of a wrapped pool are refused by the pool: %o', async (_, options) => {
    const built = pool();
    const wrapped = wrap(built);
    const bare = await built.run({}, options as never).catch((error: unknown) => error);
    const refused = await wrapped.run({}, options as never).catch((error: unknown) => error);
    expect(bare).toBeInstanceOf(TypeError);
    expect(refused).toEqual(bare);
    expect(accountOf(wrapped)).toMatchObject({ offered: 1, outcomes: { rejected: 1 } });
  });

  it('a wrapped pool counts a call whose worker died as lost, once, and runs later calls', async () => {
    const wrapped = wrap(pool());
    await expect(wrapped.run({ exit: true })).rejects.toThrow('worker exited with code: 3');
    expect(await wrapped.run({ echo: 'still here' })).toMatchObject({ echo: 'still here' });
    expect(accountOf(wrapped)).toMatchObject({ offered: 2, settled: 2, outcomes: { ok: 1, lost: 1 } });
  });

  it('a wrapped pool runs an idempotent call once more when its worker died, and only once', async () => {
    const built = pool({ minThreads: 1, maxThreads: 1 });
    const wrapped = wrap(built);
    await wrapped.run({});
    const call = wrapped.run({ spinMs: 300, echo: 'again' }, { idempotent: true });
    await until(() => built.queueSize === 0 && built.idleThreads === 0);
    await built.threads[0]?.terminate();
    expect(await call).toMatchObject({ echo: 'again' });
    await expect(wrapped.run({ exit: true }, { idempotent: true })).rejects.toThrow('worker exited');
    expect(accountOf(wrapped)).toMatchObject({ offered: 3, settled: 3, outcomes: { ok: 2, lost: 1 } });
  });

  it("a wrapped pool counts what the pool's own queue limit refuses as shed, and input that cannot be cloned as rejected", async () => {
    const wrapped = wrap(pool({ maxThreads: 1, maxQueue: 1 }));
    await wrapped.run({});
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => wrapped.run({ spinMs: 5 })));
    expect(results.filter((result) => result.status === 'rejected').length).toBe(accountOf(wrapped).outcomes['shed']);
    expect(accountOf(wrapped).outcomes['shed']).toBeGreaterThan(0);
    await expect(wrapped.run({ echo: () => 1 })).rejects.toThrow('could not be cloned');
    expect(accountOf(wrapped).outcomes['rejected']).toBe(1);
  });

  it('a wrapped pool counts the workers that were started, not those that were there', async () => {
    const built = pool({ minThreads: 1, maxThreads: 3, idleTimeout: 60_000 });
    const wrapped = wrap(built);
    using open = wrapped.openWindow();
    await wrapped.run({});
    expect(open.cut().work.workerStarts).toBe(0);
    const burst = Promise.all(Array.from({ length: 12 }, () => wrapped.run({ spinMs: 10 })));
    await until(() => built.threads.length === 3);
    await burst;
    await until(() => accountOf(wrapped).inFlight === 0 && built.idleThreads === 3);
    expect(open.cut().work.workerStarts).toBe(2);
  });

  it('close() of a wrapped pool loses no running call, which the close() of piscina does', async () => {
    const wrapped = wrap(pool({ minThreads: 3, maxThreads: 3 }));
    const results = Array.from({ length: 12 }, (_, echo) => wrapped.run({ spinMs: 10, echo }));
    await wrapped.close();
    expect((await Promise.all(results)).map((result) => result.echo)).toEqual([...Array(12).keys()]);
    await expect(wrapped.run({})).rejects.toMatchObject({ code: 'ERR_SANDTUNE_CLOSED', outcome: 'rejected' });
    expect(wrapped.close()).toBe(wrapped.close());
  });

  it('a wrapped pool settles every call once when workers are killed at any moment', async () => {
    const built = pool({ minThreads: 2, maxThreads: 2 });
    const wrapped = wrap(built);
    let answers = 0;
    const calls = Array.from({ length: 200 }, async (_, echo) => {
      const { threadId } = await wrapped.run({ spinMs: 1, echo });
      // Only a worker that has answered: piscina never replaces one that dies while it starts.
      if (++answers % 30 === 0) await built.threads.find((thread) => thread.threadId === threadId)?.terminate();
    });
    const settled = await Promise.allSettled(calls);
    const ok = settled.filter((result) => result.status === 'fulfilled').length;
    const account = accountOf(wrapped);
    expect(account).toMatchObject({ offered: 200, settled: 200, inFlight: 0 });
    expect(account.outcomes).toMatchObject({ ok, lost: 200 - ok });
    expect(account.outcomes['lost']).toBeGreaterThan(0);
  });
});

it.each([
  ['by force', { force: true }, 20_000],
  ['after its close timeout', undefined, 50],
])(
  'calls that wait in a pool are cancelled when their owner closes it (%s), and those that come later rejected',
  async (_, how, closeTimeout) => {
    const built = pool({ maxThreads: 1, closeTimeout });
    const wrapped = wrap(built, { name: 'owned' });
    await wrapped.run({});
    const calls = [wrapped.run({ napMs: 200 }), wrapped.run({}), wrapped.run({})];
    const ends = Promise.allSettled(calls);
    const closed = built.close(how).catch(() => {});
    await expect(wrapped.run({})).rejects.toMatchObject({ name: 'AbortError' });
    await Promise.all([ends, closed]);
    expect(accountOf(wrapped).outcomes).toMatchObject({ cancelled: 2, rejected: 1 });
  },
);

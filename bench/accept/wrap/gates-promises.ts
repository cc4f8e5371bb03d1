/**
 * That a trial of threads leaves no trace on the user's own pool, and that the pool tells the truth while
 * threads are held. What a pool tells is compared with what a bare one tells that is made as it is set.
 */
import { once } from 'node:events';
import { wrap } from '../../../src/adapters/wrap.ts';
import type { BarePool } from './copies.ts';
import { endOf, type Promised, sleep, Withheld, type Wrapped } from './stage.ts';

/** Calls of one caller, one after the other. */
const inTurn = 50;

export const gatesPromises: readonly Promised[] = [
  {
    says: 'a pool is after a trial of its threads what it was before',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const [bare, pool] = [stage.pool(two), stage.pool(two)];
      const wrapped = stage.wrap(pool, { maxThreads: 8 });
      await Promise.all([bare.run({}), wrapped.run({})]);
      await tryOut(wrapped, 2, 1 + Math.floor(4 * stage.random()));
      await stage.until('its threads are those it was made with', () => pool.threads.length === 2);
      stage.same('options', optionsOf(pool), optionsOf(bare));
      stage.same('completed', pool.completed, bare.completed);
      stage.same('back-pressure', await backPressure(pool, wrapped), await backPressure(bare, bare));
      stage.same('completed', pool.completed, bare.completed);
      stage.same('listeners', [pool.listenerCount('drain'), pool.listenerCount('message')], [0, 0]);
      stage.fires();
    },
  },
  {
    says: 'a pool whose threads are held tells what a smaller one would',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const [bare, pool] = [stage.pool({ ...two, minThreads: 1, maxThreads: 1 }), stage.pool(two)];
      const wrapped = stage.wrap(pool);
      await Promise.all([bare.run({}), wrapped.run({})]);
      await threadsOf(wrapped).apply(1);
      stage.same('back-pressure', await backPressure(pool, wrapped), await backPressure(bare, bare));
      stage.fires();
    },
  },
  {
    says: 'close() of a pool whose threads are held finishes what the pool was given',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const pool = stage.pool(two);
      const wrapped = stage.wrap(pool);
      await wrapped.run({});
      await threadsOf(wrapped).apply(1);
      const ends = Array.from({ length: 4 }, () => endOf(wrapped.run({ napMs: 5 })));
      void pool.close();
      stage.same('ends', await Promise.all(ends), ['ok', 'ok', 'ok', 'ok']);
      stage.fires();
    },
  },
  {
    says: 'close() of a pool whose threads are being lowered finishes what the pool was given',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const pool = stage.pool(two);
      const wrapped = stage.wrap(pool, { maxThreads: 8 });
      await Promise.all([wrapped.run({}), wrapped.run({})]);
      const threads = threadsOf(wrapped);
      await using _warm = await threads.keepWarm(1, 2 + Math.floor(2 * stage.random()));
      const ends = Array.from({ length: 5 }, () => endOf(wrapped.run({ napMs: 5 })));
      const lowered = threads.apply(1);
      await Promise.resolve();
      await pool.close();
      stage.same('ends', await Promise.all(ends), ['ok', 'ok', 'ok', 'ok', 'ok']);
      await lowered;
      stage.fires();
    },
  },
  {
    says: 'lowered threads are in force when apply() resolves, though calls wait',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ minThreads: 3, maxThreads: 3 }));
      const threads = threadsOf(wrapped);
      await Promise.all([1, 2, 3].map(() => wrapped.run({ napMs: 1 })));
      const running = Array.from({ length: 3 }, () => wrapped.run({ napMs: 20 }));
      const shared = new SharedArrayBuffer(8);
      const backlog = Array.from({ length: 20 }, () => wrapped.run({ napMs: 2, shared }));
      await threads.apply(1);
      stage.same('read()', threads.read(), { requested: 1, effective: 1 });
      const most = new Int32Array(shared);
      most[1] = 0;
      await Promise.all([...running, ...backlog]);
      stage.same('calls at once after apply()', most[1], 1);
      stage.fires();
    },
  },
  {
    says: 'threads that were started for a trial end with it, without another call',
    of: 'each copy',
    firesARound: 1,
    async play(stage) {
      const pool = stage.pool({ minThreads: 1, maxThreads: 1, idleTimeout: 60_000 });
      const wrapped = stage.wrap(pool, { maxThreads: 8 });
      await wrapped.run({});
      const warm = await threadsOf(wrapped).keepWarm(1, 3);
      stage.same('threads while it lasts', pool.threads.length, 3);
      await warm[Symbol.asyncDispose]();
      stage.same('threads after it', pool.threads.length, 1);
      stage.fires();
    },
  },
  {
    says: 'one caller that makes one call after the other is never shed by a pool without a queue',
    of: 'each copy',
    firesARound: inTurn,
    async play(stage) {
      const wrapped = stage.wrap(stage.pool({ minThreads: 1, maxThreads: 1, maxQueue: 0 }), { concurrency: 1 });
      await wrapped.run({});
      for (let call = 0; call < inTurn; call++) {
        stage.same('end of a call', await endOf(wrapped.run({ echo: call })), 'ok');
        stage.fires();
      }
    },
  },
  {
    says: 'one caller that makes one call after the other is never shed by a gate without a queue',
    of: 'no copy',
    firesARound: 2 * inTurn,
    async play(stage) {
      const one = wrap((ms: number) => sleep(ms), { concurrency: 1, maxQueue: 0 });
      const many = wrap((list: number[]) => list.map((ms) => sleep(ms)), {
        batch: { size: 1 },
        concurrency: 1,
        maxQueue: 0,
      });
      for (let call = 0; call < inTurn; call++) {
        for (const wrapped of [one, many]) {
          stage.same('end of a call', await endOf(wrapped.run(call % 2)), 'ok');
          stage.fires();
        }
      }
      await Promise.all([one.close(), many.close()]);
    },
  },
];

const two = { minThreads: 2, maxThreads: 2, maxQueue: 3, idleTimeout: 60_000 };

function threadsOf(wrapped: Wrapped) {
  const knob = wrapped.knobs.find(({ id }) => id === 'threads');
  if (!knob) throw new Withheld(wrapped.withheld['threads'] ?? 'without a reason');
  return knob as unknown as {
    apply(value: number): Promise<void>;
    keepWarm(a: number, b: number): Promise<AsyncDisposable>;
    read(): object;
  };
}

/** What a trial does to threads, ended where it began. */
async function tryOut(wrapped: Wrapped, from: number, to: number): Promise<void> {
  const threads = threadsOf(wrapped);
  const warm = await threads.keepWarm(from, to);
  for (const value of [to, from, to, from]) await threads.apply(value);
  await warm[Symbol.asyncDispose]();
}

function optionsOf({ options }: BarePool): object {
  const { minThreads, maxThreads, maxQueue, idleTimeout, concurrentTasksPerWorker } = options;
  return { minThreads, maxThreads, maxQueue, idleTimeout, concurrentTasksPerWorker };
}

/** What a pool says of itself while eight calls are made at once, and how they and its events end. */
async function backPressure(pool: BarePool, on: { run(input: object): Promise<unknown> }): Promise<object> {
  const events: string[] = [];
  const listeners = (['needsDrain', 'drain'] as const).map((event) => {
    const listener = () => events.at(-1) !== event && events.push(event);
    pool.on(event, listener);
    return [event, listener] as const;
  });
  const order: number[] = [];
  const ends = Array.from({ length: 8 }, async (_, call) => {
    const end = await endOf(on.run({ napMs: 10 }));
    if (end === 'ok') order.push(call);
    return end;
  });
  const { queueSize } = pool;
  await Promise.resolve();
  await sleep(0);
  const { needsDrain } = pool;
  const said = await Promise.all(ends);
  if (pool.needsDrain) await Promise.race([once(pool as never, 'drain'), sleep(1000)]);
  await sleep(5);
  for (const [event, listener] of listeners) pool.off(event, listener);
  return { queueSize, needsDrain, drained: !pool.needsDrain, events, said, order: order.toSorted((a, b) => a - b) };
}

/** One pool, wrapped by two parts of a program. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { wrap } from '../../src/adapters/wrap.ts';
import { tune } from '../../tuner/tune.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { apply, buildPool, knobOf, until } from './pools.ts';

const pools: ReturnType<typeof buildPool>[] = [];
function poolOf(options?: Parameters<typeof buildPool>[0]) {
  const pool = buildPool(options);
  pools.push(pool);
  return pool;
}

/** As programs make one to log calls: methods are bound, since piscina's have private fields. */
function standInOf<P extends object>(pool: P): P {
  return new Proxy(pool, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
});

it('two wraps of one pool have one tuner', async () => {
  const pool = poolOf();
  const [one, other] = [wrap(pool, { name: 'one' }), wrap(pool, { name: 'other' })];
  const stateDir = temporaryFolder();
  const tuner = tune(one, { stateDir });
  expect(() => tune(other, { stateDir, mode: 'auto' })).toThrow(
    expect.objectContaining({ code: 'ERR_SANDTUNE_TUNED' }),
  );
  await tuner[Symbol.asyncDispose]();
  await using second = tune(other, { stateDir });
  expect(second.mode).toBe('observe');
});

it('a pool that its program drops with its wrap is kept alive by neither', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const dropped = await (async () => {
    const pool = buildPool({ minThreads: 0 });
    await wrap(pool, { name: 'dropped' }).run({});
    await pool.destroy();
    return new WeakRef(pool);
  })();
  await until(() => {
    collect();
    return dropped.deref() === undefined;
  });
});

it('a pool and a proxy of it are one pool, with one tuner and one configuration', async () => {
  const pool = poolOf({ minThreads: 1, maxThreads: 2 });
  const one = wrap(pool, { name: 'one' });
  await apply(one, 'threads', 3);
  const other = wrap(standInOf(pool), { name: 'other' });
  expect(knobOf(other, 'threads')).toMatchObject({ defaultValue: 2 });
  await using _tuner = tune(one, { stateDir: ':memory:' });
  expect(() => tune(other, { stateDir: ':memory:' })).toThrow(expect.objectContaining({ code: 'ERR_SANDTUNE_TUNED' }));
  await apply(one, 'threads', 2);
});

it('a second wrap of a pool knows what its user configured, though the first one moved its knobs', async () => {
  const pool = poolOf({ minThreads: 1, maxThreads: 2, idleTimeout: 100 });
  const first = wrap(pool, { name: 'first', maxThreads: 8 });
  await apply(first, 'threads', 6);
  await apply(first, 'idleTimeoutMs', 10_000);
  const second = wrap(pool, { name: 'second', maxThreads: 8 });
  expect(knobOf(second, 'threads')).toMatchObject({ defaultValue: 2 });
  expect(knobOf(second, 'idleTimeoutMs')).toMatchObject({ defaultValue: 100 });
  await apply(second, 'threads', 2);
  expect(pool.options.maxThreads).toBe(2);
});

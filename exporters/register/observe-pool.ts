/**
 * One pool of a program that knows nothing of sandtune, observed. The program goes on calling its own pool and
 * gets the pool's own promises; each call is seen on its way by an executor that nobody else holds.
 *
 *   program ── pool.run ──▶ executor.run ──▶ the pool's own run ──▶ its promise ──▶ program
 *                              └── measured; what it makes of the answer, nobody reads
 */

import type { PiscinaPool } from '../../src/adapters/piscina/piscina-shape.ts';
import type { WrappedPool } from '../../src/adapters/piscina/pool-executor.ts';
import { wrap } from '../../src/adapters/wrap.ts';
import { type Tuner, tune } from '../../tuner/tune.ts';

type Run = (...args: unknown[]) => Promise<unknown>;

export interface ObservedPool {
  readonly executor: WrappedPool<unknown, unknown>;
  readonly tuner: Tuner;
  /** As the pool's own `run`, measured. */
  readonly run: Run;
}

/**
 * @param run the pool's own
 * @throws {SandtuneError} for a pool that cannot be measured, ERR_SANDTUNE_OPTION for a wrong variable
 */
export function observePool(pool: object, run: Run): ObservedPool {
  /** The pool's own promise of the call that is being measured: the executor asks for it before its `run()` returns. */
  let answer: Promise<unknown> | null = null;
  const own = new Proxy(pool, {
    get(target, key) {
      if (key === 'run')
        return (...args: unknown[]) => {
          answer = run.apply(target, args);
          return answer;
        };
      // A getter of the pool reads private fields, which the proxy has not.
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const executor = wrap(own as PiscinaPool);
  const tuner = tune(executor, { mode: 'observe' });
  return {
    executor,
    tuner,
    run(...args) {
      answer = null;
      const [input, options] = args;
      executor.run(input, options as never).catch(() => undefined);
      const given = answer as Promise<unknown> | null;
      answer = null;
      // What the executor refuses is the pool's to refuse, or to take.
      return given ?? run.apply(pool, args);
    },
  };
}

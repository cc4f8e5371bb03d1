/**
 * What a pool was configured with. Its options are its own live object, which a wrap of it moves: they
 * say what was configured only until then, so they are read when the pool is wrapped for the first time.
 */
import { processWide } from '../../foundation/process-wide.ts';
import type { PiscinaPool } from './piscina-shape.ts';

export interface ConfiguredPool {
  readonly minThreads: number;
  /** Whole: more threads than the pool may have are none it counts on. */
  readonly maxThreads: number;
  /** As it was given; piscina's own default is not whole where the number of CPUs is odd. */
  readonly givenMaxThreads: number;
  readonly idleTimeoutMs: number;
}

const pools = processWide('configured-pools', () => new WeakMap<object, ConfiguredPool>());

export function configuredOf(pool: Pick<PiscinaPool, 'options'>): ConfiguredPool {
  const known = pools.get(pool.options);
  if (known) return known;
  const { minThreads, maxThreads, idleTimeout } = pool.options;
  const configured = Object.freeze({
    minThreads,
    maxThreads: Math.ceil(maxThreads),
    givenMaxThreads: maxThreads,
    idleTimeoutMs: idleTimeout,
  });
  pools.set(pool.options, configured);
  return configured;
}

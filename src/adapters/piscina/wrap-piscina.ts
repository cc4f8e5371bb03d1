/** A piscina pool as the user built it, or one we build from the same options, behind Executor and Knob. */
import { Piscina } from 'piscina';
import { expected } from '../../foundation/options.ts';
import { FirstThreads, OwnedThreads } from './owned-threads.ts';
import type { PiscinaPool } from './piscina-shape.ts';
import {
  poolExecutor,
  type ResolvedPoolOptions,
  resolvePoolOptions,
  type WrapPoolOptions,
  type WrappedPool,
} from './pool-executor.ts';
import { usersThreads } from './users-threads.ts';

/** piscina's options, without the load balancer, which is ours. */
export type PiscinaOptions = Omit<NonNullable<ConstructorParameters<typeof Piscina>[0]>, 'loadBalancer'>;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function wrapPool<I, O>(pool: PiscinaPool<I, O>, options: WrapPoolOptions): WrappedPool<I, O> {
  const resolved = resolvePoolOptions(pool, options);
  return poolExecutor(pool, resolved, (changed) => usersThreads(pool as PiscinaPool, resolved, changed));
}

/**
 * Builds a pool and wraps it.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION; TypeError or RangeError of piscina for its own options
 */
export function wrapPiscina<I = unknown, O = unknown>(
  piscina: PiscinaOptions,
  options: WrapPoolOptions = {},
): WrappedPool<I, O> {
  if (typeof piscina !== 'object' || piscina === null) throw expected('piscina', "piscina's options", piscina);
  if ('loadBalancer' in piscina)
    throw expected('piscina.loadBalancer', 'none (it is what makes threads tunable)', 'one');
  const first = new FirstThreads(piscina.concurrentTasksPerWorker ?? 1);
  const pool = new Piscina<I, O>({ ...piscina, loadBalancer: first.choose });
  const { maxThreads, ...resolved } = resolveOrDestroy(pool, options);
  return poolExecutor<I, O>(
    pool,
    { maxThreads, ...resolved },
    (changed) => new OwnedThreads(pool as unknown as PiscinaPool, first, maxThreads, changed),
  );
}

/**
 * Options depend on piscina's defaults, which are known once there is a pool. Where they are refused,
 * the pool is destroyed.
 */
function resolveOrDestroy(pool: Pick<Piscina, 'options' | 'destroy'>, options: WrapPoolOptions): ResolvedPoolOptions {
  try {
    return resolvePoolOptions(pool, options);
  } catch (error) {
    void pool.destroy();
    throw error;
  }
}

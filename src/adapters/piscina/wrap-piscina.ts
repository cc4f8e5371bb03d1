/** A piscina pool as the user built it, or one we build from the same options, behind Executor and Knob. */
import { Piscina } from 'piscina';
import { expected } from '../../foundation/options.ts';
import { warnOfOtherCopy } from './other-copy.ts';
import { FirstThreads, OwnedThreads } from './owned-threads.ts';
import { missingOfPiscina, type PiscinaPool, tellsOfWorkers } from './piscina-shape.ts';
import { poolExecutor, type WrappedPool } from './pool-executor.ts';
import { usersThreads } from './users-threads.ts';
import { type ResolvedPoolOptions, resolvePoolOptions, type WrapPoolOptions } from './wrap-pool-options.ts';

/** piscina's options, without the load balancer, which is ours. */
export type PiscinaOptions = Omit<NonNullable<ConstructorParameters<typeof Piscina>[0]>, 'loadBalancer'>;

/** The class of any copy of piscina. */
export type PiscinaClass = new (options: never) => unknown;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function wrapPool<I, O>(pool: PiscinaPool<I, O>, options: WrapPoolOptions): WrappedPool<I, O> {
  const resolved = resolvePoolOptions(pool, options);
  return poolExecutor(pool, resolved, (changed) => usersThreads(pool as PiscinaPool, resolved, changed));
}

/**
 * Builds a pool and wraps it.
 * @param Made the program's own copy of piscina
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION; TypeError or RangeError of piscina for its own options
 */
export function wrapPiscina<I = unknown, O = unknown>(
  piscina: PiscinaOptions,
  options: WrapPoolOptions = {},
  Made: PiscinaClass = Piscina,
): WrappedPool<I, O> {
  if (typeof piscina !== 'object' || piscina === null) throw expected('piscina', "piscina's options", piscina);
  if ('loadBalancer' in piscina)
    throw expected('piscina.loadBalancer', 'none (it is what makes threads tunable)', 'one');
  if (typeof Made !== 'function') throw expected('Piscina', 'the class of piscina', Made);
  const first = new FirstThreads(piscina.concurrentTasksPerWorker ?? 1);
  const pool = new Made({ ...piscina, loadBalancer: first.choose } as never) as BuiltPool<I, O>;
  const missing = missingOfPiscina(pool);
  if (missing !== undefined) throw expected('Piscina', 'the class of piscina', `one whose pool is none: ${missing}`);
  warnOfOtherCopy(piscina.filename, Made);
  const resolved = resolveOrDestroy(pool, options);
  const threads = pool as unknown as PiscinaPool;
  // A piscina that knows no load balancers gives calls to threads as it likes.
  if (!tellsOfWorkers(pool)) return poolExecutor(pool, resolved, (changed) => usersThreads(threads, resolved, changed));
  return poolExecutor(pool, resolved, (changed) => new OwnedThreads(threads, first, resolved.maxThreads, changed));
}

type BuiltPool<I, O> = PiscinaPool<I, O> & Pick<Piscina, 'destroy'>;

/**
 * Options depend on piscina's defaults, which are known once there is a pool. Where they are refused,
 * the pool is destroyed.
 */
function resolveOrDestroy(
  pool: Pick<BuiltPool<unknown, unknown>, 'options' | 'destroy'>,
  options: WrapPoolOptions,
): ResolvedPoolOptions {
  try {
    return resolvePoolOptions(pool, options);
  } catch (error) {
    void pool.destroy();
    throw error;
  }
}

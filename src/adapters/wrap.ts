/**
 * `wrap(target)`: what people already run, as a measured executor with knobs. Nothing about the
 * target changes until a knob is moved.
 */
import { wasMadeAt } from '../executor/made-at.ts';
import type { MeasuredExecutor } from '../executor/measured-executor.ts';
import { callSiteOf } from '../foundation/call-site.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { isClass } from '../foundation/foreign-values.ts';
import { quoted } from '../foundation/options.ts';
import type { WrapBatchOptions, WrapFunctionOptions } from './function/options.ts';
import { type WrappableBatchFunction, type WrappableFunction, wrapFunction } from './function/wrap-function.ts';
import { missingOfPiscina, type PiscinaPool } from './piscina/piscina-shape.ts';
import type { WrappedPool } from './piscina/pool-executor.ts';
import { type PiscinaClass, type PiscinaOptions, wrapPiscina, wrapPool } from './piscina/wrap-piscina.ts';
import type { WrapPoolOptions } from './piscina/wrap-pool-options.ts';

/**
 * Wraps an async function that takes a batch: knobs `batchSize`, `batchLingerMs`, and `concurrency`
 * where asked for. It gets an array of inputs and returns one result per input, in their order.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function wrap<I, O>(target: WrappableBatchFunction<I, O>, options: WrapBatchOptions): MeasuredExecutor<I, O>;
/**
 * Wraps an async function; with `concurrency` there is a gate in front of it and a knob of that name.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function wrap<I, O>(target: WrappableFunction<I, O>, options?: WrapFunctionOptions): MeasuredExecutor<I, O>;
/**
 * Wraps a piscina pool that exists: knobs `idleTimeoutMs`, `threads`, and `concurrency` where
 * asked for. Calls made past it, on the pool itself, are not seen, and not waited for by `close()`,
 * which closes the pool.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function wrap<I, O>(target: PiscinaPool<I, O>, options?: WrapPoolOptions): WrappedPool<I, O>;
/**
 * Builds a piscina pool and wraps it: knobs `threads`, `callsPerThread` (both live in both
 * directions), `idleTimeoutMs`, and `concurrency` where asked for. With `Piscina`, the program's own copy
 * of piscina makes the pool, which workers need that import `workerData` or `move` of it.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function wrap<I, O>(
  target: { readonly piscina: PiscinaOptions; readonly Piscina?: PiscinaClass },
  options?: WrapPoolOptions,
): WrappedPool<I, O>;
/** @throws {SandtuneError} ERR_SANDTUNE_TARGET when the target is none of these */
export function wrap(target: unknown, options: object = {}): unknown {
  const executor = wrapped(target, options);
  wasMadeAt(executor, callSiteOf(wrap as () => unknown));
  return executor;
}

function wrapped(target: unknown, options: object): object {
  if (!canBeAsked(target)) throw targetError(quoted(target));
  if (typeof target === 'function' && isClass(target))
    throw targetError(`class ${target.name || '(anonymous)'}, which cannot be called without new`);
  if (typeof target === 'function') return wrapFunction(target as () => unknown, options);
  if (typeof target !== 'object' || target === null) throw targetError(quoted(target));
  if (target instanceof Promise) throw targetError('a Promise: await it first');
  if ('openWindow' in target) throw targetError('an executor, which is measured already: use it as it is');
  if ('piscina' in target) {
    const { piscina, Piscina } = target as { piscina: PiscinaOptions; Piscina?: PiscinaClass };
    return wrapPiscina(piscina, options, Piscina);
  }
  const missing = missingOfPiscina(target);
  if (missing !== undefined)
    throw targetError(
      `${target.constructor?.name ?? 'an object'}: ${missing}. Anything else is wrapped by a function that calls it, as in wrap((input) => pool.run(input), { concurrency: 8 }), or by measured() with its knobs`,
    );
  return wrapPool(target as PiscinaPool, options);
}

/** A revoked proxy cannot, whatever it is of; getters of a pool are not called. */
function canBeAsked(target: unknown): boolean {
  try {
    if (typeof target !== 'function' && (typeof target !== 'object' || target === null)) return true;
    Object.getPrototypeOf(target);
    Reflect.has(target, 'run');
    return true;
  } catch {
    return false;
  }
}

function targetError(got: string): SandtuneError {
  return new SandtuneError(
    'ERR_SANDTUNE_TARGET',
    `wrap(): expected a piscina pool, { piscina: options }, or an async function, got ${got}`,
  );
}

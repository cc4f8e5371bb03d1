/** Options of `wrap(function)`: what the user may say, the defaults, and the checks at the boundary. */
import { largestBatch, lingerRange } from '../../executor/queue-knobs.ts';
import { checkBoolean, checkInteger, checkKeys, checkNumber, expected } from '../../foundation/options.ts';
import { type ResolvedWrapOptions, resolveWrapOptions, type WrapOptions, wrapDefaults } from '../wrap-options.ts';

/** What `wrap(function)` takes. */
export interface WrapFunctionOptions extends WrapOptions {
  /**
   * Calls that may wait while the gate is shut; more are shed. Integer ≥ 0 or Infinity.
   * @defaultValue Infinity
   */
  readonly maxQueue?: number;
  /**
   * What a call holds while its work goes on that was cancelled or overran its deadline: a function cannot
   * be stopped. False: its place, until the work has ended, so that never more work runs than `concurrency`
   * says. True: nothing, so that the next call runs at once. A batch gives its place when its last call has
   * ended.
   * @defaultValue false
   */
  readonly freeOnCancel?: boolean;
}

/** How many inputs a function is handed at once, and how long the first of them waits. */
export interface BatchOptions {
  /** Most inputs handed to the function at once: integer ≥ 1. */
  readonly size: number;
  /**
   * How long the first input of a part-filled batch waits for others, 0 to 60,000 ms; 0 takes what one
   * turn of the event loop brings. The tuner tries up to 100 ms. @defaultValue 0
   */
  readonly lingerMs?: number;
  /** Largest size the tuner may try. @defaultValue 1024, at least size */
  readonly max?: number;
}

/** What `wrap(function)` takes of one that is handed batches. */
export interface WrapBatchOptions extends WrapFunctionOptions {
  /** The function is handed an array of inputs, and gives one result for each. */
  readonly batch: BatchOptions;
}

export interface ResolvedWrapFunctionOptions extends ResolvedWrapOptions {
  readonly maxQueue: number;
  readonly freeOnCancel: boolean;
  readonly batch: Required<BatchOptions> | undefined;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolveWrapFunctionOptions(
  options: WrapFunctionOptions & { readonly batch?: BatchOptions },
  defaultName: string,
): ResolvedWrapFunctionOptions {
  const common = resolveWrapOptions('wrap(function)', options, defaultName, ['maxQueue', 'freeOnCancel', 'batch']);
  const { maxQueue = wrapDefaults.maxQueue, batch } = options;
  if (maxQueue !== Number.POSITIVE_INFINITY) checkInteger('maxQueue', maxQueue, { min: 0 });
  // Where there is neither gate nor batch no call ever waits here.
  if (options.maxQueue !== undefined && options.concurrency === undefined && batch === undefined)
    throw expected('maxQueue', 'beside concurrency or batch, without which no call waits', options.maxQueue);
  const freeOnCancel = checkBoolean('freeOnCancel', options.freeOnCancel ?? wrapDefaults.freeOnCancel);
  return { ...common, maxQueue, freeOnCancel, batch: batch === undefined ? undefined : resolveBatch(batch) };
}

function resolveBatch(batch: BatchOptions): Required<BatchOptions> {
  if (typeof batch !== 'object' || batch === null) throw expected('batch', '{ size, lingerMs, max }', batch);
  checkKeys('batch', batch, ['size', 'lingerMs', 'max']);
  const size = checkInteger('batch.size', batch.size, { min: 1 });
  const lingerMs = checkNumber('batch.lingerMs', batch.lingerMs ?? wrapDefaults.lingerMs, lingerRange);
  const max = checkInteger('batch.max', batch.max ?? Math.max(largestBatch, size), { min: size });
  return { size, lingerMs, max };
}

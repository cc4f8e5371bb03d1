/** Options of `wrap()`: what the user may say, the defaults, and the checks at the boundary. */
import type { Load } from '../contracts.ts';
import { checkInteger, checkKeys, checkNumber, checkOneOf, checkText, expected } from '../foundation/options.ts';
import { type ResolvedSurroundings, resolveSurroundings, type Surroundings } from '../foundation/surroundings.ts';
import type { SpanOptions } from '../measure/recorder.ts';

/** Where a knob stands at first, and how far the tuner may move it. All integers ≥ 1. */
export interface Bounds {
  /** @defaultValue what is in force, or `max` where nothing is */
  readonly value?: number;
  /** @defaultValue 1 */
  readonly min?: number;
  /** @defaultValue 16 × value */
  readonly max?: number;
}

export interface WrapOptions {
  /** Names the executor in ledger, spans and reports. @defaultValue the worker file's or the function's name */
  readonly name?: string;
  /** Do arrivals wait for completions? @defaultValue inferred from windows and shown */
  readonly load?: Load;
  /**
   * A limit on the units of dispatch that are out at once (calls, or batches where there are any),
   * and with it the knob `concurrency`. A number n stands for `{ value: n }`.
   * @defaultValue no limit and no knob
   */
  readonly concurrency?: number | Bounds;
  /** Which calls get a span and stage times. */
  readonly spans?: SpanOptions;
  /** For tests and simulators. @defaultValue the process's own */
  readonly surroundings?: Surroundings;
}

export interface WrapFunctionOptions extends WrapOptions {
  /**
   * Calls that may wait while the gate is shut; more are shed. Integer ≥ 0 or Infinity.
   * @defaultValue Infinity
   */
  readonly maxQueue?: number;
}

export interface BatchOptions {
  /** Most inputs handed to the function at once: integer ≥ 1. */
  readonly size: number;
  /** How long the first input of a part-filled batch waits for others, ms. @defaultValue 0 */
  readonly lingerMs?: number;
  /** Largest size the tuner may try. @defaultValue 16 × size, at least 256 */
  readonly max?: number;
}

export interface WrapBatchOptions extends WrapFunctionOptions {
  readonly batch: BatchOptions;
}

export interface WrapPoolOptions extends WrapOptions {
  /** Most threads the tuner may try: integer ≥ 1. @defaultValue 4 × CPUs, at least what the pool has */
  readonly maxThreads?: number;
}

export const wrapDefaults = Object.freeze({
  maxQueue: Number.POSITIVE_INFINITY,
  lingerMs: 0,
  boundFactor: 16,
  minBatchMax: 256,
});

export interface ResolvedBounds {
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

export interface ResolvedBatch {
  readonly size: number;
  readonly lingerMs: number;
  readonly max: number;
}

export interface ResolvedWrapOptions {
  readonly name: string;
  readonly load: Load | undefined;
  readonly concurrency: ResolvedBounds | undefined;
  readonly spans: SpanOptions;
  readonly surroundings: ResolvedSurroundings;
}

export interface ResolvedWrapFunctionOptions extends ResolvedWrapOptions {
  readonly maxQueue: number;
  readonly batch: ResolvedBatch | undefined;
}

const commonKeys = [
  'name',
  'load',
  'concurrency',
  'spans',
  'surroundings',
] as const satisfies readonly (keyof WrapOptions)[];

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolveWrapFunctionOptions(
  options: WrapFunctionOptions & { readonly batch?: BatchOptions },
  defaultName: string,
): ResolvedWrapFunctionOptions {
  const common = resolveCommon('wrap(function)', options, defaultName, ['maxQueue', 'batch']);
  const { maxQueue = wrapDefaults.maxQueue, batch } = options;
  if (maxQueue !== Number.POSITIVE_INFINITY) checkInteger('maxQueue', maxQueue, { min: 0 });
  return { ...common, maxQueue, batch: batch === undefined ? undefined : resolveBatch(batch) };
}

/**
 * @param threads what the pool may start now
 * @param cores CPUs of the machine
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function resolveWrapPoolOptions(
  options: WrapPoolOptions,
  defaultName: string,
  threads: number,
  cores: number,
): ResolvedWrapOptions & { readonly maxThreads: number } {
  const common = resolveCommon('wrap(pool)', options, defaultName, ['maxThreads']);
  const maxThreads = checkInteger('maxThreads', options.maxThreads ?? Math.max(4 * cores, threads), { min: threads });
  return { ...common, maxThreads };
}

function resolveCommon(
  what: string,
  options: WrapOptions,
  defaultName: string,
  moreKeys: readonly string[],
): ResolvedWrapOptions {
  if (typeof options !== 'object' || options === null) throw expected(what, 'an object of options', options);
  checkKeys(what, options, [...commonKeys, ...moreKeys]);
  const { name = defaultName, load, concurrency, spans = {} } = options;
  if (load !== undefined) checkOneOf('load', load, ['open', 'closed']);
  return {
    name: checkText('name', name),
    load,
    concurrency: concurrency === undefined ? undefined : resolveBounds('concurrency', concurrency),
    spans,
    surroundings: resolveSurroundings(options.surroundings),
  };
}

function resolveBounds(name: string, given: number | Bounds): ResolvedBounds {
  if (typeof given !== 'number' && (typeof given !== 'object' || given === null)) {
    throw expected(name, 'a number or { value, min, max }', given);
  }
  const bounds: Bounds = typeof given === 'number' ? { value: given } : given;
  checkKeys(name, bounds, ['value', 'min', 'max']);
  const value = bounds.value ?? bounds.max;
  if (value === undefined) throw expected(name, 'a value, a max, or both', given);
  checkInteger(`${name}.value`, value, { min: 1 });
  const min = checkInteger(`${name}.min`, bounds.min ?? 1, { min: 1, max: value });
  const max = checkInteger(`${name}.max`, bounds.max ?? wrapDefaults.boundFactor * value, { min: value });
  return { value, min, max };
}

function resolveBatch(batch: BatchOptions): ResolvedBatch {
  if (typeof batch !== 'object' || batch === null) throw expected('batch', '{ size, lingerMs, max }', batch);
  checkKeys('batch', batch, ['size', 'lingerMs', 'max']);
  const size = checkInteger('batch.size', batch.size, { min: 1 });
  const lingerMs = checkNumber('batch.lingerMs', batch.lingerMs ?? wrapDefaults.lingerMs, { min: 0, max: 60_000 });
  const max = batch.max ?? Math.max(wrapDefaults.boundFactor * size, wrapDefaults.minBatchMax);
  return { size, lingerMs, max: checkInteger('batch.max', max, { min: size }) };
}

/**
 * What `sandtune tune` is given: what to tune, under which load, with which options. A module has it as its
 * default export, best through `defineConfig()`, which gives it its types and checks it where it is written.
 */
import type { Executor } from '../src/contracts.ts';
import { SandtuneError } from '../src/foundation/errors.ts';
import { canBeRead, checkKeys, checkObject, expected, reading } from '../src/foundation/options.ts';
import { lackingOfExecutor } from './check-executor.ts';
import type { TuneOptions } from './options.ts';

export interface TuneConfig<I = unknown, O = unknown> {
  readonly executor: Executor<I, O>;
  /**
   * Makes calls until `signal` is aborted, then resolves; a rejection fails the command. Left out:
   * calls come from elsewhere.
   */
  readonly load?: (run: Executor<I, O>['run'], signal: AbortSignal) => Promise<void>;
  /** As `tune()` takes them; the command line overrides. */
  readonly options?: TuneOptions;
}

/** A config, or what makes one when the command begins. */
export type TuneConfigExport<I = unknown, O = unknown> =
  | TuneConfig<I, O>
  | (() => TuneConfig<I, O> | Promise<TuneConfig<I, O>>);

/**
 * Returns what it was given, with its types inferred: `load` needs none written.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION naming what is missing or of another kind; a function is not called here
 */
export function defineConfig<I, O>(config: TuneConfig<I, O>): TuneConfig<I, O>;
export function defineConfig<I, O>(
  make: () => TuneConfig<I, O> | Promise<TuneConfig<I, O>>,
): () => TuneConfig<I, O> | Promise<TuneConfig<I, O>>;
export function defineConfig<I, O>(config: TuneConfigExport<I, O>): TuneConfigExport<I, O> {
  if (typeof config !== 'function') checkTuneConfig('defineConfig()', config);
  else if (!canBeRead(config)) throw expected('defineConfig()', wanted, config);
  return config;
}

const wanted = '{ executor, load?, options? } or a function that gives it';

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION naming what is missing or of another kind */
export function checkTuneConfig(what: string, given: unknown): TuneConfig {
  return reading(what, wanted, given, () => checkParts(what, given));
}

function checkParts(what: string, given: unknown): TuneConfig {
  if (given instanceof Promise) throw expected(what, wanted, given);
  if (typeof given !== 'object' || given === null) throw expected(what, wanted, given);
  checkKeys(what, given, ['executor', 'load', 'options']);
  const { executor, load, options } = given as Record<string, unknown>;
  const lacking = lackingOfExecutor(executor);
  if (lacking !== null)
    throw new SandtuneError(
      'ERR_SANDTUNE_OPTION',
      `${what}: executor: expected one made by wrap(), createSandbox() or measured(), got ${lacking}`,
    );
  if (load !== undefined && typeof load !== 'function')
    throw expected(`${what}: load`, 'a function (run, signal) => Promise<void>', load);
  if (options !== undefined) checkObject(`${what}: options`, options);
  return given as unknown as TuneConfig;
}

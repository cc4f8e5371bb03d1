/**
 * The config of `sandtune tune`: a module whose default export says what to tune, under which load,
 * with which options. Everything is checked here, before anything runs.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Executor } from '../../src/contracts.ts';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { quoted } from '../../src/foundation/options.ts';
import type { TuneOptions } from '../../tuner/options.ts';

/** What `sandtune tune <config.mts>` takes as the default export (or a function that gives it). */
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

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when the file or what it exports is not as expected */
export async function loadTuneConfig(file: string): Promise<TuneConfig> {
  const path = resolve(file);
  if (!existsSync(path)) throw faulty(`config ${file}: no such file`);
  let exported: unknown;
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
    exported = typeof module.default === 'function' ? await (module.default as () => unknown)() : module.default;
  } catch (error) {
    throw faulty(`config ${file}: ${messageOf(error)}`, error);
  }
  return checkTuneConfig(file, exported);
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION naming what is missing or of another kind */
export function checkTuneConfig(file: string, given: unknown): TuneConfig {
  const wanted = '{ executor, load?, options? } or a function that gives it';
  if (given === undefined) throw faulty(`config ${file}: expected a default export, ${wanted}; got none`);
  if (typeof given !== 'object' || given === null)
    throw faulty(`config ${file}: expected ${wanted}, got ${quoted(given)}`);
  const { executor, load, options, ...others } = given as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw faulty(`config ${file}: no key '${unknown}'; expected executor, load, options`);
  const missing = missingOfExecutor(executor);
  if (missing !== null)
    throw faulty(`config ${file}: executor: expected one made by wrap() or createSandbox(), got ${missing}`);
  if (load !== undefined && typeof load !== 'function')
    throw faulty(`config ${file}: load: expected a function (run, signal) => Promise<void>, got ${quoted(load)}`);
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options))) {
    throw faulty(`config ${file}: options: expected an object as tune() takes it, got ${quoted(options)}`);
  }
  return given as unknown as TuneConfig;
}

function missingOfExecutor(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return quoted(value);
  const one = value as Record<string, unknown>;
  const lacking = ['run', 'openWindow', 'close'].filter((method) => typeof one[method] !== 'function');
  if (lacking.length > 0) return `an object without ${lacking.map((method) => `${method}()`).join(', ')}`;
  if (typeof one['name'] !== 'string') return 'an object without a name';
  return Array.isArray(one['knobs']) ? null : 'an object without knobs';
}

function faulty(message: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_OPTION', message, { cause });
}

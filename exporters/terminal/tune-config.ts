/** Loads the config of `sandtune tune`, which is checked before anything runs. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isSandtuneError, messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { checkTuneConfig, type TuneConfig } from '../../tuner/config.ts';

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when the file or what it exports is not as expected */
export async function loadTuneConfig(file: string): Promise<TuneConfig> {
  const path = resolve(file);
  if (!existsSync(path)) throw faulty(`config ${file}: no such file`);
  let exported: unknown;
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
    exported = typeof module.default === 'function' ? await (module.default as () => unknown)() : module.default;
  } catch (error) {
    if (isSandtuneError(error))
      throw new SandtuneError(error.code, `config ${file}: ${error.message}`, { cause: error });
    throw faulty(`config ${file}: ${messageOf(error)}`, error);
  }
  if (exported === undefined)
    throw faulty(
      `config ${file}: expected a default export, made by defineConfig({ executor, load?, options? }); got none`,
    );
  return checkTuneConfig(`config ${file}`, exported);
}

function faulty(message: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_OPTION', message, { cause });
}

/** Options of `wrap(pool)`: what the user may say, the defaults, and the checks at the boundary. */
import { availableParallelism } from 'node:os';
import { isId } from '../../executor/domain.ts';
import { checkInteger } from '../../foundation/options.ts';
import { type ResolvedWrapOptions, resolveWrapOptions, type WrapOptions } from '../wrap-options.ts';
import { configuredOf } from './configured.ts';
import type { PiscinaPool } from './piscina-shape.ts';

/** What `wrap(pool)` takes. */
export interface WrapPoolOptions extends WrapOptions {
  /**
   * Most threads the tuner may try: integer ≥ 1.
   * @defaultValue 4 × CPUs, at least what the pool has: a worker of a pool may wait, which a guest cannot
   */
  readonly maxThreads?: number;
}

export interface ResolvedPoolOptions extends ResolvedWrapOptions {
  readonly maxThreads: number;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolvePoolOptions(pool: Pick<PiscinaPool, 'options'>, options: WrapPoolOptions): ResolvedPoolOptions {
  const threads = configuredOf(pool).maxThreads;
  const named = nameOfPool(pool.options.filename);
  const common = resolveWrapOptions('wrap(pool)', options, named.defaultName, ['maxThreads']);
  const most = options.maxThreads ?? Math.max(4 * availableParallelism(), threads);
  return { ...common, ...named, maxThreads: checkInteger('maxThreads', most, { min: threads }) };
}

/** 'resize' of '/app/image/resize.js', and 'image/resize' where another file's pool is called so. */
function nameOfPool(filename: string | null): Pick<ResolvedPoolOptions, 'defaultName' | 'otherwise'> {
  const path = filename?.replace(/[?#].*$/, '') ?? '';
  const [file = '', folder] = path.split(/[\\/]/).reverse();
  const stem = file.replace(/\.[cm]?[jt]s$/, '');
  if (!isId(stem)) return { defaultName: 'piscina' };
  const longer = folder ? `${folder}/${stem}` : '';
  return { defaultName: stem, ...(isId(longer) && { otherwise: { name: longer, runs: path } }) };
}

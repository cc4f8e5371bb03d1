/** Options of `wrap(pool)`: what the user may say, the defaults, and the checks at the boundary. */
import { availableParallelism } from 'node:os';
import { isId } from '../../executor/domain.ts';
import { checkInteger } from '../../foundation/options.ts';
import { type ResolvedWrapOptions, resolveWrapOptions, type WrapOptions } from '../wrap-options.ts';
import { configuredOf } from './configured.ts';
import type { PiscinaPool } from './piscina-shape.ts';

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
  const common = resolveWrapOptions('wrap(pool)', options, nameOfPool(pool.options.filename), ['maxThreads']);
  const most = options.maxThreads ?? Math.max(4 * availableParallelism(), threads);
  return { ...common, maxThreads: checkInteger('maxThreads', most, { min: threads }) };
}

/** 'resize' of '/app/resize.js'. */
function nameOfPool(filename: string | null): string {
  const file = filename
    ?.replace(/[?#].*$/, '')
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/\.[cm]?[jt]s$/, '');
  return isId(file) ? file : 'piscina';
}

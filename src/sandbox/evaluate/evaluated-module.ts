/** A module of one graph: what its evaluation has made of it so far. */
import type { ModuleSource } from './module-source.ts';
import type { Names } from './names.ts';

export interface EvaluatedModule {
  format: ModuleSource['format'] | 'builtin';
  /** The names it exports. Complete once it is done. */
  names: Names;
  isDone: boolean;
  /** While it waits for itself or for what it imports. */
  pending: Promise<void> | undefined;
  /** module.exports of a CommonJS module. */
  exports: unknown;
  namespace: object | undefined;
}

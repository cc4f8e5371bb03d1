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
  /** What `require()` gives of it, once it is done; of a CommonJS module, see `commonJs`. */
  exports: unknown;
  /** What a CommonJS module is to itself. What requires it meanwhile gets what it has exported so far. */
  commonJs: CommonJsModule | undefined;
  namespace: object | undefined;
}

/** What stands in `require.cache`, and is `module` in the module itself. */
export interface CommonJsModule {
  readonly id: string;
  readonly filename: string;
  readonly path: string;
  readonly parent: CommonJsModule | undefined;
  readonly children: CommonJsModule[];
  paths: string[];
  loaded: boolean;
  exports: unknown;
  require: NodeJS.Require;
}

/**
 * CommonJS modules of a graph, and `require()` in them. Paths are found as Node finds them; what a path leads to is
 * evaluated in the graph, and not taken from Node's cache, which instances would share. Native addons are
 * Node's: they load once a thread.
 *
 * `require.cache` has the graph's own modules, each with `children` and `parent`: glue looks there for the copy of a
 * library that its caller loaded, and takes entries out to have a module evaluated anew.
 */
import { createRequire, isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommonJsModule, EvaluatedModule } from './evaluated-module.ts';

export type CommonJsCache = Record<string, CommonJsModule | undefined>;

export interface RequireOptions {
  readonly cache: CommonJsCache;
  readonly builtin: (name: string) => unknown;
  readonly load: (url: string, by: CommonJsModule | undefined) => EvaluatedModule;
  readonly namespace: (module: EvaluatedModule) => object;
}

/** @param by the module it is for; undefined for `createRequire` in a module that is none of them */
export function requireIn(
  filename: string,
  { cache, builtin, load, namespace }: RequireOptions,
  by?: CommonJsModule,
): NodeJS.Require {
  const native = createRequire(filename);
  const require = (specifier: string): unknown => {
    if (isBuiltin(specifier)) return builtin(specifier);
    const path = native.resolve(specifier);
    if (path.endsWith('.node')) return native(path);
    const cached = cache[path];
    if (cached) {
      if (by && !by.children.includes(cached)) by.children.push(cached);
      return cached.exports;
    }
    const module = load(pathToFileURL(path).href, by);
    if (module.commonJs) return module.commonJs.exports;
    if (module.format !== 'module') return module.exports;
    if (module.pending) throw new Error(`expected a module without await at its top, got require() of ${path}`);
    const names = namespace(module) as Record<string, unknown>;
    return Object.hasOwn(names, 'module.exports') ? names['module.exports'] : names;
  };
  return Object.assign(require, {
    resolve: native.resolve,
    cache: cache as NodeJS.Require['cache'],
    extensions: native.extensions,
    main: undefined,
  });
}

/** A module that is about to be evaluated. */
export function commonJsModule(
  filename: string,
  options: RequireOptions,
  parent: CommonJsModule | undefined,
): CommonJsModule {
  const own = { id: filename, filename, path: dirname(filename), parent, children: [], loaded: false, exports: {} };
  const module = own as unknown as CommonJsModule;
  module.require = requireIn(filename, options, module);
  module.paths = module.require.resolve.paths('a-package') ?? [];
  return module;
}

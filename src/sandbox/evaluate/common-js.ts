/**
 * `require()` of a CommonJS module in a graph. Paths are found as Node finds them; what a path leads to is
 * evaluated in the graph, and not taken from Node's cache, which instances would share. Native addons are
 * Node's: they load once a thread.
 */
import { createRequire, isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { EvaluatedModule } from './evaluated-module.ts';

export interface RequireOptions {
  readonly builtin: (name: string) => unknown;
  readonly load: (url: string) => EvaluatedModule;
  readonly namespace: (module: EvaluatedModule) => object;
}

export function requireIn(filename: string, { builtin, load, namespace }: RequireOptions): NodeJS.Require {
  const native = createRequire(filename);
  const require = (specifier: string): unknown => {
    if (isBuiltin(specifier)) return builtin(specifier);
    const path = native.resolve(specifier);
    if (path.endsWith('.node')) return native(path);
    const module = load(pathToFileURL(path).href);
    if (module.format !== 'module') return module.exports;
    if (module.pending) throw new Error(`expected a module without await at its top, got require() of ${path}`);
    const names = namespace(module) as Record<string, unknown>;
    return Object.hasOwn(names, 'module.exports') ? names['module.exports'] : names;
  };
  return Object.assign(require, {
    resolve: native.resolve,
    cache: Object.create(null) as NodeJS.Require['cache'],
    extensions: native.extensions,
    main: undefined,
  });
}

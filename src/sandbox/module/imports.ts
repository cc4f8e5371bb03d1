/**
 * What a guest may import. Deny by default, in two places:
 *
 *   on the host   checkImports(shape, allow): every import of the module must be on the host's list
 *   in the worker guardImports(supplied, allow): the object given to V8 has null prototypes at both
 *                 levels, is frozen, and holds own properties on the list and nothing else
 *
 * Why both levels: with an ordinary `{ env: {} }` a guest may import ("constructor", "constructor")
 * and is handed JavaScript's Function, with which it runs code of its own on the host.
 *
 * Host functions cannot cross threads. A guest with imports therefore has a binding module, loaded
 * in the worker, that exports
 *
 *   imports(self: { exports?: WebAssembly.Exports }): Record<string, Record<string, function | Global | number>>
 *
 * called once for each instance (so instances share nothing by accident; `self.exports` is there
 * once the instance is); the host lists by name what may pass: `allowImports: { env: ['now'] }`.
 * Functions that take or give references, tables, memories and tags are never allowed.
 */
import { refusal, SandtuneError } from '../../foundation/errors.ts';
import type { ImportShape } from './describe-module.ts';

/** Module name → names a guest may import from it. */
export type AllowedImports = Readonly<Record<string, readonly string[]>>;

/**
 * Module name → name → what stands for it. Declarations of the package name no type of WebAssembly, because
 * TypeScript has these in the browser's library only.
 */
type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** @throws {SandtuneError} ERR_SANDTUNE_IMPORT_NOT_ALLOWED for the first import that is not on the list */
export function checkImports(guest: string, imports: readonly ImportShape[], allow: AllowedImports): void {
  for (const { module, name, kind, signature } of imports) {
    const wanted = `${kind} ${JSON.stringify(module)} ${JSON.stringify(name)}`;
    if (kind !== 'function' && kind !== 'global') {
      throw notAllowed(`${guest}: expected imports of functions and globals only, got ${wanted}`);
    }
    if (signature && [...signature.params, ...signature.results].includes('ref')) {
      throw notAllowed(`${guest}: expected imports without references, got ${wanted}`);
    }
    if (!Object.hasOwn(allow, module) || !allow[module]?.includes(name)) {
      throw notAllowed(`${guest}: expected imports on the list allowImports (${listed(allow)}), got ${wanted}`);
    }
  }
}

/** The import object for V8: only own properties of `supplied` that are on the list. */
export function guardImports(supplied: ImportObject, allow: AllowedImports): ImportObject {
  const guarded: Record<string, Readonly<Record<string, unknown>>> = Object.create(null);
  for (const module of Object.keys(allow)) {
    const inner: Record<string, unknown> = Object.create(null);
    for (const name of allow[module] ?? []) {
      if (Object.hasOwn(supplied, module) && Object.hasOwn(supplied[module] as object, name)) {
        inner[name] = supplied[module]?.[name];
      }
    }
    guarded[module] = Object.freeze(inner);
  }
  return Object.freeze(guarded);
}

function notAllowed(message: string): SandtuneError {
  return refusal('ERR_SANDTUNE_IMPORT_NOT_ALLOWED', message);
}

function listed(allow: AllowedImports): string {
  const names = Object.keys(allow).flatMap((module) => (allow[module] ?? []).map((name) => `${module}.${name}`));
  return names.length === 0 ? 'empty' : names.join(', ');
}

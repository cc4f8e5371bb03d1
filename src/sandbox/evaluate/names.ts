/** The names a module exports, and the objects through which they are read. */

export interface Export {
  readonly read: () => unknown;
  /** True when what is read now is what will be read at any later time. */
  readonly isStable: boolean;
}

export interface Names {
  all(): Iterable<string>;
  get(name: string): Export | undefined;
}

export const noNames: Names = { all: () => [], get: () => undefined };

export function constant(value: unknown): Export {
  return { read: () => value, isStable: true };
}

/** Those of a value that is exported as a whole: itself as `default`, and its own keys. */
export function namesOfValue(value: unknown, keys: readonly string[] = keysOf(value)): Names {
  const names = new Set(keys);
  return {
    all: () => new Set(['default', ...names]),
    get: (name) => {
      if (name === 'default' || name === 'module.exports') return constant(value);
      if (!names.has(name)) return undefined;
      return { read: () => (value as Record<string, unknown>)[name], isStable: true };
    },
  };
}

/** Those of an object whose properties are the exports. */
export function namesOfExports(exports: Readonly<Record<string, unknown>>): Names {
  return {
    all: () => Object.keys(exports),
    get: (name) => (Object.hasOwn(exports, name) ? constant(exports[name]) : undefined),
  };
}

/** A module namespace object: no prototype, a getter for each name, nothing to be changed. */
export function namespaceOf(names: Names): Readonly<Record<string, unknown>> {
  const namespace = Object.create(null) as Record<string, unknown>;
  for (const name of [...names.all()].sort()) {
    const found = names.get(name);
    if (found) Object.defineProperty(namespace, name, { enumerable: true, get: found.read });
  }
  Object.defineProperty(namespace, Symbol.toStringTag, { value: 'Module' });
  return Object.preventExtensions(namespace);
}

/** What stands behind the `with` of a module that has imports which may change. */
export function liveObject(values: readonly (Export & { readonly local: string })[]): object {
  const live = Object.create(null) as object;
  for (const { local, read } of values) Object.defineProperty(live, local, { get: read });
  return live;
}

export function uninitialized(name: string): () => never {
  return () => {
    throw new ReferenceError(`Cannot access '${name}' before initialization`);
  };
}

function keysOf(value: unknown): readonly string[] {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? Object.keys(value) : [];
}

/**
 * Finds the piscina of a program: every copy of it, whichever way it is loaded, and whoever loads it. Three ways
 * are needed, of which each sees what the others do not:
 *
 *   loaded before us ─────────────────────────▶ the cache of modules ─┐
 *   Node, and runners that compile by themselves ─▶ Module.load ──────┼─▶ its exports ──▶ each(class)
 *   loaders that give the source of a module ─────▶ source + line ────┘
 *
 * A program whose bundler has copied piscina into a file of its own is not seen.
 */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A class of pools. */
export interface PoolClass {
  readonly prototype: {
    run: (...args: unknown[]) => Promise<unknown>;
    destroy?: (...args: unknown[]) => Promise<unknown>;
  };
}

/** A module as Node loads what is required. */
interface LoadedModule {
  readonly exports: unknown;
  load: (file: string) => void;
}

/** Of piscina 4 to 6. */
const mainFile = /^(.*[\\/])dist[\\/](?:src[\\/])?index\.js$/;
const receiver = Symbol.for('sandtune.register.piscina');

export interface FoundPools {
  /** Calls `listener` once for each copy of piscina: now for those that are loaded, else before any pool of it is made. */
  each(listener: (pools: PoolClass) => void): void;
}

/** Looks for piscina from now on, and in what is loaded. */
export function findPools(): FoundPools {
  const found = new Set<PoolClass>();
  let tell: (pools: PoolClass) => void = () => {};
  const take = (exported: unknown) => {
    try {
      const pools = poolClassIn(exported);
      if (!pools || found.has(pools)) return;
      found.add(pools);
      tell(pools);
    } catch {
      // What cannot be read or changed is not observed: loading it is the program's affair, and goes on.
    }
  };
  (globalThis as { [symbol: symbol]: unknown })[receiver] = take;
  // Not imported by name: an older Node has not all of it, and is told in a sentence that it is too old.
  const modules = process.getBuiltinModule('node:module') as unknown as {
    readonly _cache: Readonly<Record<string, LoadedModule | undefined>>;
    readonly prototype: LoadedModule;
    readonly registerHooks: typeof import('node:module').registerHooks;
  };
  for (const [file, module] of Object.entries(modules._cache)) if (isMainFileOfPiscina(file)) take(module?.exports);
  const { load } = modules.prototype;
  modules.prototype.load = function loadAndLook(this: LoadedModule, file: string) {
    load.call(this, file);
    if (isMainFileOfPiscina(file)) take(this.exports);
  };
  modules.registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (loaded.source === undefined || loaded.source === null || !isMainFileOfPiscina(pathOf(url))) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      return {
        ...loaded,
        source: `${source}\nglobalThis[Symbol.for('sandtune.register.piscina')]?.(module.exports);\n`,
      };
    },
  });
  return {
    each(listener) {
      tell = listener;
      for (const pools of found) listener(pools);
    },
  };
}

function poolClassIn(exported: unknown): PoolClass | null {
  const { Piscina, default: byDefault } = (exported ?? {}) as {
    readonly Piscina?: unknown;
    readonly default?: unknown;
  };
  return [Piscina, byDefault, exported].find(isPoolClass) ?? null;
}

function isPoolClass(one: unknown): one is PoolClass {
  if (typeof one !== 'function') return false;
  const run = Object.getOwnPropertyDescriptor((one.prototype ?? {}) as object, 'run');
  return typeof run?.value === 'function';
}

/** '' for what is no file. A loader may have put a query behind it. */
function pathOf(url: string): string {
  if (!url.startsWith('file:')) return '';
  try {
    return fileURLToPath(url.replace(/[?#].*$/, ''));
  } catch {
    return '';
  }
}

/** Most modules are told apart by their names alone; the package may be installed under any name. */
function isMainFileOfPiscina(file: string): boolean {
  const folder = mainFile.exec(file)?.[1];
  if (folder === undefined) return false;
  try {
    // Of the module as it is now: Yarn's resolver puts functions of its own into it, which read archives.
    const { name } = JSON.parse(fs.readFileSync(`${folder}package.json`, 'utf8')) as { readonly name?: unknown };
    return name === 'piscina';
  } catch {
    return false;
  }
}

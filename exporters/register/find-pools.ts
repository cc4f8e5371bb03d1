/**
 * Finds the piscina of a program: every copy of it, whichever way it is loaded. A copy is known by the name in
 * its package.json; its main file gets one more line, which hands its exports to whoever looks for pools.
 *
 *   import or require ──▶ load hook ── a main file of piscina? ──▶ source + line ──▶ each(class)
 *
 * A program whose bundler has copied piscina into a file of its own is not seen.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A class of pools. */
interface PoolClass {
  readonly prototype: { run(...args: unknown[]): Promise<unknown> };
}

const mainFile = /^(file:.*\/)dist\/(?:src\/)?index\.js$/;
const receiver = Symbol.for('sandtune.register.piscina');

export interface FoundPools {
  /** Calls `listener` once for each copy of piscina: now for those that are loaded, else before any pool of it is made. */
  each(listener: (pools: PoolClass) => void): void;
}

/**
 * Looks for piscina from now on. What loads one of its copies must come later: also sandtune itself, whose own
 * copy is that of the program where the two are installed as one.
 */
export function findPools(): FoundPools {
  const found = new Set<PoolClass>();
  let tell: (pools: PoolClass) => void = () => {};
  (globalThis as { [symbol: symbol]: unknown })[receiver] = (exported: unknown) => {
    const pools = poolClassIn(exported);
    if (!pools || found.has(pools)) return;
    found.add(pools);
    tell(pools);
  };
  // Not imported by name: an older Node has it not, and is told in a sentence that it is too old.
  const { registerHooks } = process.getBuiltinModule('node:module');
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!isMainFileOfPiscina(url) || loaded.source === undefined || loaded.source === null) return loaded;
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
  const isPoolClass = (one: unknown): one is PoolClass =>
    typeof one === 'function' && Object.hasOwn(one.prototype as object, 'run');
  return [Piscina, byDefault, exported].find(isPoolClass) ?? null;
}

function isMainFileOfPiscina(url: string): boolean {
  // Most modules of a program are told apart here, by their names alone.
  if (!url.includes('piscina')) return false;
  const folder = mainFile.exec(url)?.[1];
  if (folder === undefined) return false;
  try {
    const { name } = JSON.parse(readFileSync(fileURLToPath(`${folder}package.json`), 'utf8')) as {
      readonly name?: unknown;
    };
    return name === 'piscina';
  } catch {
    return false;
  }
}

/** A world somebody else wrote: a file whose default export makes one from a seed. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import type { World } from './world.ts';

/**
 * @param file path of a module with `export default (seed: number) => World`
 * @throws {SandtuneError} ERR_SANDTUNE_INPUT naming what was expected and what came; so does the function, for what it made
 */
export async function loadWorld(file: string): Promise<(seed: number) => World> {
  const path = resolve(file);
  const loaded = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new SandtuneError('ERR_SANDTUNE_INPUT', `world ${path}: could not be loaded: ${messageOf(error)}`, {
      cause: error,
    });
  });
  const { default: make } = loaded as { readonly default?: unknown };
  if (typeof make !== 'function') throw refusal(path, 'a function as default export', make);
  return (seed) => {
    const world: unknown = make(seed);
    if (!isWorld(world))
      throw refusal(path, 'a world: { executor: { knobs, openWindow() }, truth(), advance() }', world);
    return world;
  };
}

function isWorld(value: unknown): value is World {
  const { executor, truth, advance } = Object(value) as Partial<World>;
  const { knobs, openWindow } = Object(executor) as Partial<World['executor']>;
  return (
    typeof truth === 'function' &&
    typeof advance === 'function' &&
    Array.isArray(knobs) &&
    typeof openWindow === 'function'
  );
}

function refusal(path: string, wanted: string, got: unknown): SandtuneError {
  const came = typeof got === 'object' && got !== null ? `{ ${Object.keys(got).join(', ')} }` : String(got);
  return new SandtuneError('ERR_SANDTUNE_INPUT', `world ${path}: expected ${wanted}, got ${came}`);
}

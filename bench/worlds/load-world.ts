/**
 * A world somebody else wrote: a file whose default export makes one from a seed. What it says is checked
 * when it says it: a window or a truth that cannot be is refused by name, so that no figure is made of it.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isSandtuneError, messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { checkExecutor } from '../../tuner/check-executor.ts';
import { effectiveSettings } from '../../tuner/shell/apply.ts';
import type { World } from './world.ts';
import { truthFault, windowFault } from './world-faults.ts';

/**
 * @param file path of a module with `export default (seed: number) => World`
 * @throws {SandtuneError} ERR_SANDTUNE_INPUT naming what was expected and what came; so do the function, for
 *   what it made, and the world: `cut()` and `truth()` at once, `advance()` where `cut()` has done so before
 */
export async function loadWorld(file: string): Promise<(seed: number) => World> {
  const path = resolve(file);
  const loaded = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw refused(path, `could not be loaded: ${messageOf(error)}`, error);
  });
  const { default: make } = loaded as { readonly default?: unknown };
  if (typeof make !== 'function') throw refusal(path, 'a function as default export', make);
  return (seed) => {
    const world: unknown = own(path, 'its function', () => make(seed) as unknown);
    if (!isWorld(world))
      throw refusal(path, 'a world: { executor: { knobs, openWindow() }, truth(), advance() }', world);
    try {
      checkExecutor(world.executor, 'its executor');
    } catch (error) {
      throw refused(path, messageOf(error), error);
    }
    const checked = checkedWorld(world, path);
    checked.truth(effectiveSettings(world.executor.knobs), 0);
    return checked;
  };
}

/** The world, which says of itself what is wrong with it. */
function checkedWorld(world: World, path: string): World {
  const { executor } = world;
  let nowMs = 0;
  let failed: SandtuneError | null = null;
  const checkedWindow: World['executor']['openWindow'] = () => {
    const opened = executor.openWindow();
    return {
      cut: () => {
        const window = opened.cut();
        const fault = windowFault(window, nowMs);
        if (fault === null) return window;
        failed ??= refused(path, `a window of its executor: ${fault}`);
        throw failed;
      },
      get settledCount() {
        return opened.settledCount;
      },
      [Symbol.dispose]: () => opened[Symbol.dispose](),
    };
  };
  return {
    // Whatever else it has, and whatever `this` its methods want, is its own.
    executor: new Proxy(executor, {
      get: (target, key) => {
        if (key === 'openWindow') return checkedWindow;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
    ...(world.cpus && {
      cpus: () => {
        const cpus: unknown = own(path, 'cpus()', () => world.cpus?.());
        if (typeof cpus !== 'number' || !(cpus > 0)) throw refusal(path, 'cpus() to give a number above 0', cpus);
        return cpus;
      },
    }),
    truth: (settings, atMs) => {
      const truth = own(path, 'truth()', () => world.truth(settings, atMs));
      const fault = truthFault(truth);
      if (fault !== null) throw refused(path, `truth(${JSON.stringify(settings)}, ${atMs}): ${fault}`);
      return truth;
    },
    advance: (ms) => {
      if (failed) throw failed;
      nowMs += ms;
      const answer: unknown = own(path, 'advance()', () => world.advance(ms) as unknown);
      if (answer instanceof Promise) throw refusal(path, 'advance() to be done when it returns', answer);
    },
  };
}

/** What `act` of theirs gives; what it throws is said to be theirs. */
function own<T>(path: string, what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (isSandtuneError(error) && error.code === 'ERR_SANDTUNE_INPUT') throw error;
    throw refused(path, `${what} threw: ${messageOf(error)}`, error);
  }
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
  return refused(path, `expected ${wanted}, got ${cameText(got)}`);
}

function cameText(got: unknown): string {
  if (got instanceof Promise) return 'a promise: a world is made at once, without waiting for anything';
  return typeof got === 'object' && got !== null ? `{ ${Object.keys(got).join(', ')} }` : String(got);
}

function refused(path: string, what: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_INPUT', `world ${path}: ${what}`, cause === undefined ? {} : { cause });
}

/**
 * Binding of a guest built with Emscripten, by the glue that came with it: the factory of a modularized
 * build, or the `Module` object that other builds export. The glue is given our instance by its own hook
 * (`instantiateWasm`), and where a build has no such hook it gets the same one from `WebAssembly` itself.
 */
import { checkFunction } from '../foundation/foreign-values.ts';
import { checkObject, reading } from '../foundation/options.ts';
import { type Binding, type BoundGuest, type Choose, checkGlue } from './binding.ts';

/** What Emscripten calls `Module`. */
export type EmscriptenModule = Record<string, unknown>;

export type EmscriptenFactory<T> = (options: Record<string, unknown>) => T | Promise<T>;

/**
 * ```js
 * import { emscripten } from 'sandtune/bindings';
 * import factory from 'the-package/codec.js';
 * export const { imports, bind } = emscripten(factory, (module) => ({ encode: (bytes) => module.encode(bytes) }));
 * ```
 * The guest's options: `module` (the package's .wasm file), `binding`, `functions`, and as `allowImports` the modules
 * it imports from: `{ env: '*', wasi_snapshot_preview1: '*' }`, or `{ a: '*' }` where the names are minified.
 *
 * @param glue the factory, or the `Module` object of a build without one, or a promise of it
 * @param choose what the host may call, made of the module once it is ready. Called once for each instance
 * @param options what the factory is given besides, such as `{ noInitialRun: true }` or `{ print: () => {} }`
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function emscripten<T extends object = EmscriptenModule>(
  glue: EmscriptenFactory<T> | T | Promise<T>,
  choose: Choose<T>,
  options: Readonly<Record<string, unknown>> = {},
): Binding {
  const wanted = 'the factory that the glue exports, or its Module';
  checkGlue('emscripten()', glue, wanted);
  checkFunction(
    'emscripten(): second argument (choose)',
    choose,
    'a function that makes of the module what the host may call, as (module) => ({ encode: module.encode })',
  );
  checkObject('emscripten(): options', options);
  const begun = reading('emscripten(): glue', wanted, glue, () => factoryOrModule(glue));
  const ready = new WeakMap<BoundGuest, T>();
  return {
    imports: async (self) => {
      const { module } = typeof begun === 'function' ? await made(begun, self, options) : await initialized(begun);
      ready.set(self, module);
    },
    bind: async (_exports, self) => {
      // A build that has instantiated itself while it was evaluated.
      const module = ready.get(self) ?? (await initialized(begun as T | Promise<T>)).module;
      return choose(module);
    },
  };
}

/** The factory also of `import * as glue`, which has it as its default. */
function factoryOrModule<T extends object>(
  glue: EmscriptenFactory<T> | T | Promise<T>,
): EmscriptenFactory<T> | T | Promise<T> {
  if (typeof glue === 'function') return glue as EmscriptenFactory<T>;
  const { default: factory } = glue as { readonly default?: unknown };
  return typeof factory === 'function' ? (factory as EmscriptenFactory<T>) : glue;
}

/** In an object of its own: the module of an older build has a `then` that gives the module again, without end. */
interface Ready<T> {
  readonly module: T;
}

async function made<T extends object>(
  factory: EmscriptenFactory<T>,
  self: BoundGuest,
  options: Readonly<Record<string, unknown>>,
): Promise<Ready<T>> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const given: Record<string, unknown> = {
    ...options,
    ...(self.memory && { wasmMemory: self.memory }),
    instantiateWasm: (imports: unknown, receive: (instance: object, module: object) => unknown) => {
      try {
        const instance = self.instantiate(imports);
        receive(instance, self.module);
        return instance.exports;
      } catch (error) {
        // Glue of most versions prints such an error, and of some then waits for ever.
        failed.reject(error);
        throw error;
      }
    },
    onAbort: (reason: unknown) => {
      failed.reject(new Error(`the glue aborted: ${String(reason)}`));
      if (typeof options['onAbort'] === 'function') (options['onAbort'] as (reason: unknown) => void)(reason);
    },
  };
  const begun = Promise.withResolvers<void>();
  given['onRuntimeInitialized'] = () => {
    begun.resolve();
    if (typeof options['onRuntimeInitialized'] === 'function') (options['onRuntimeInitialized'] as () => void)();
  };
  const result = factory(given);
  if (result instanceof Promise) {
    return { module: await Promise.race([result, failed.promise]) };
  }
  await Promise.race([begun.promise, failed.promise]);
  return { module: result ?? (given as unknown as T) };
}

/** Waits until a `Module` object, or a promise of one, that has begun by itself is ready. */
async function initialized<T extends object>(glue: T | Promise<T>): Promise<Ready<T>> {
  if (glue instanceof Promise) return { module: await glue };
  const module = glue as { calledRun?: boolean; onRuntimeInitialized?: () => void; ready?: unknown };
  if (module.ready instanceof Promise) await module.ready;
  else if (module.calledRun !== true) {
    await new Promise<void>((resolve) => {
      const before = module.onRuntimeInitialized;
      module.onRuntimeInitialized = () => {
        before?.();
        resolve();
      };
    });
  }
  return { module: glue };
}

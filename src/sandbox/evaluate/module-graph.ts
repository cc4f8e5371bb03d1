/**
 * One evaluation of a module and of all modules it imports or requires. Two graphs share nothing but Node's
 * own modules, so glue that keeps its guest in a variable of its module can serve several guests.
 *
 *   import(url) ─▶ what it imports, in order ─▶ its function is called ─▶ getters of its exports
 *
 * The semantics are those of ECMAScript: live bindings, cycles, `await` outside of functions. Where the
 * value of an import can never change any more it is passed as it is, which is quick; else through a
 * getter.
 * @see https://tc39.es/ecma262/#sec-moduleevaluation
 */
import { isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { type CommonJsCache, commonJsModule, type RequireOptions, requireIn } from './common-js.ts';
import type { CommonJsModule, EvaluatedModule } from './evaluated-module.ts';
import type { CommonJsSource, EsModuleSource, ModuleSources } from './module-source.ts';
import {
  constant,
  type Export,
  liveObject,
  namesOfExports,
  namesOfValue,
  namespaceOf,
  noNames,
  uninitialized,
} from './names.ts';
import type { Resolve } from './resolve-specifier.ts';

export interface GraphOptions {
  readonly sources: ModuleSources;
  readonly resolve: Resolve;
  /**
   * What a `.wasm` file that is imported exports.
   * @param importsOf module name → what that module exports, which throws when read before it is there
   */
  readonly instantiate: (
    bytes: Uint8Array<ArrayBuffer>,
    importsOf: (module: string) => Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, unknown>>;
}

export class ModuleGraph {
  readonly #options: GraphOptions;
  readonly #modules = new Map<string, EvaluatedModule>();
  readonly #commonJs: CommonJsCache = Object.create(null) as CommonJsCache;
  readonly #require: RequireOptions;

  constructor(options: GraphOptions) {
    this.#options = options;
    this.#require = {
      cache: this.#commonJs,
      builtin: (name) => this.#builtin(name),
      load: (url, by) => this.#required(url, by),
      namespace: (module) => this.#namespace(module),
    };
  }

  /** The namespace of a module. @throws what reading, parsing or evaluating it throws */
  async import(url: string): Promise<Readonly<Record<string, unknown>>> {
    const module = this.evaluate(url, []);
    await module.pending;
    return this.#namespace(module);
  }

  /** @param path the modules that wait for this one: what is among them is in a cycle and is not waited for */
  evaluate(url: string, path: readonly EvaluatedModule[], by?: CommonJsModule): EvaluatedModule {
    const known = this.#modules.get(url);
    if (known) return known;
    const module: EvaluatedModule = {
      format: 'builtin',
      names: noNames,
      isDone: false,
      pending: undefined,
      exports: undefined,
      commonJs: undefined,
      namespace: undefined,
    };
    this.#modules.set(url, module);
    try {
      module.pending = this.#run(module, url, [...path, module], by);
    } catch (error) {
      this.#modules.delete(url);
      throw error;
    }
    if (module.pending) {
      module.pending = module.pending.then(
        () => void (module.pending = undefined),
        (error: unknown) => {
          this.#modules.delete(url);
          throw error;
        },
      );
    }
    return module;
  }

  /** @param by the CommonJS module that requires it */
  #required(url: string, by: CommonJsModule | undefined): EvaluatedModule {
    const known = this.#modules.get(url);
    // It is not in require.cache any more, so somebody wants it evaluated anew.
    if (known?.commonJs) this.#modules.delete(url);
    return this.evaluate(url, [], by);
  }

  #run(
    module: EvaluatedModule,
    url: string,
    path: readonly EvaluatedModule[],
    by: CommonJsModule | undefined,
  ): Promise<void> | undefined {
    if (isBuiltin(url)) return this.#finish(module, this.#builtin(url));
    const source = this.#options.sources.at(url);
    module.format = source.format;
    switch (source.format) {
      case 'module':
        return this.#runModule(module, url, source, path);
      case 'commonjs':
        return this.#runCommonJs(module, url, source, by);
      case 'json':
        return this.#finish(module, JSON.parse(source.text), []);
      case 'wasm': {
        const { resolve, instantiate } = this.#options;
        const exports = instantiate(source.bytes, (specifier) =>
          this.#namespace(this.evaluate(resolve(specifier, url), path)),
        );
        module.names = namesOfExports(exports);
        module.isDone = true;
        return undefined;
      }
    }
  }

  #runModule(
    module: EvaluatedModule,
    url: string,
    { rewritten, make }: EsModuleSource,
    path: readonly EvaluatedModule[],
  ): Promise<void> | undefined {
    const { specifiers, imports, own, reExports, stars } = rewritten;
    const found = new Map<string, EvaluatedModule>();
    const getters = new Map<string, () => unknown>();
    /** Names that are being looked for in what is exported again; '*' for all of them. */
    const sought = new Set<string>();
    const from = (specifier: string) => found.get(specifier) as EvaluatedModule;
    module.names = {
      all: () => {
        if (sought.has('*')) return [];
        sought.add('*');
        const others = stars.flatMap((specifier) => [...from(specifier).names.all()]);
        sought.delete('*');
        return new Set([...own.keys(), ...reExports.keys(), ...others.filter((name) => name !== 'default')]);
      },
      get: (name) => {
        const isStable = own.get(name);
        if (isStable !== undefined) {
          const read = () => (getters.get(name) ?? uninitialized(name))();
          return { read, isStable: isStable && module.isDone };
        }
        const again = reExports.get(name);
        if (again) return this.#export(from(again.specifier), again.name);
        // A name that is asked for while it is looked for leads back here.
        if (name === 'default' || sought.has(name)) return undefined;
        sought.add(name);
        const one = stars.map((specifier) => from(specifier).names.get(name)).find((found) => found !== undefined);
        sought.delete(name);
        return one;
      },
    };
    let waiting: Promise<void> | undefined;
    for (const specifier of specifiers) {
      waiting = after(waiting, () => {
        const imported = this.evaluate(this.#options.resolve(specifier, url), path);
        found.set(specifier, imported);
        return path.includes(imported) ? undefined : imported.pending;
      });
    }
    return after(waiting, () => {
      const values = imports.map(({ local, specifier, name, isSource }) => {
        if (isSource) return { local, ...constant(this.#source(specifier, url)) };
        const one = this.#export(from(specifier), name);
        if (!one) throw new SyntaxError(`${url}: expected '${specifier}' to export '${name}', got no such name`);
        return { local, ...one };
      });
      const host = {
        meta: this.#meta(url),
        import: this.#importIn(url),
        exports: (given: Record<string, () => unknown>) => {
          for (const name of Object.keys(given)) getters.set(name, given[name] as () => unknown);
        },
      };
      const isLive = values.some(({ isStable }) => !isStable);
      const result = isLive
        ? make(true)(host, liveObject(values))
        : make(false)(host, ...values.map(({ read }) => read()));
      const finished = () => void (module.isDone = true);
      return types.isPromise(result) ? result.then(finished) : finished();
    });
  }

  #runCommonJs(
    module: EvaluatedModule,
    url: string,
    { filename, make }: CommonJsSource,
    by: CommonJsModule | undefined,
  ): undefined {
    const own = commonJsModule(filename, this.#require, by);
    module.commonJs = own;
    this.#commonJs[filename] = own;
    by?.children.push(own);
    const host = { import: this.#importIn(url) };
    try {
      make().call(own.exports, own.exports, own.require, own, filename, own.path, host);
    } catch (error) {
      delete this.#commonJs[filename];
      by?.children.splice(by.children.indexOf(own), 1);
      throw error;
    }
    own.loaded = true;
    this.#finish(module, own.exports);
  }

  #finish(module: EvaluatedModule, value: unknown, names?: readonly string[]): undefined {
    module.exports = value;
    module.names = namesOfValue(value, names);
    module.isDone = true;
  }

  /** Node's own module; `createRequire` of `node:module` stays inside of this graph. */
  #builtin(name: string): unknown {
    const value: unknown = process.getBuiltinModule(name);
    if (!/^(node:)?module$/.test(name)) return value;
    return Object.assign(Object.create(value as object), value, {
      createRequire: (from: string | URL) =>
        requireIn(String(from).startsWith('file:') ? fileURLToPath(from) : String(from), this.#require),
    });
  }

  /** `import()` and `import.source()` in this module. */
  #importIn(url: string): object {
    return Object.assign((specifier: unknown) => this.import(this.#options.resolve(String(specifier), url)), {
      source: async (specifier: unknown) => this.#source(String(specifier), url),
    });
  }

  /** The compiled module of a .wasm file; native-glue.ts has the guest's own, limited, where that is the guest's. */
  #source(specifier: string, url: string): WebAssembly.Module {
    const source = this.#options.sources.at(this.#options.resolve(specifier, url));
    if (source.format === 'wasm') return new WebAssembly.Module(source.bytes);
    throw new SyntaxError(`${url}: expected a .wasm file to import the source of, got '${specifier}'`);
  }

  #export(module: EvaluatedModule, name: string): Export | undefined {
    return name === '*' ? constant(this.#namespace(module)) : module.names.get(name);
  }

  #namespace(module: EvaluatedModule): Readonly<Record<string, unknown>> {
    if (!module.isDone) return namespaceOf(module.names);
    module.namespace ??= namespaceOf(module.names);
    return module.namespace as Readonly<Record<string, unknown>>;
  }

  #meta(url: string): object {
    const filename = fileURLToPath(url);
    return {
      url,
      filename,
      dirname: dirname(filename),
      main: false,
      resolve: (specifier: string) => this.#options.resolve(specifier, url),
    };
  }
}

function after(waiting: Promise<void> | undefined, step: () => Promise<void> | undefined): Promise<void> | undefined {
  return waiting ? waiting.then(() => step()) : step();
}

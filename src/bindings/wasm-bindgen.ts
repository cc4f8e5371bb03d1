/**
 * Binding of a guest built with wasm-bindgen, by the glue that came with it, whatever its target:
 *
 *   bundler             x_bg.js takes the exports by `__wbg_set_wasm`; x.js and older glue import x_bg.wasm
 *   web, no bundler     `initSync` or the default export instantiates the module it is given; libraries that
 *                       hide these export the latter as `initWasm`
 *   nodejs              instantiates the file beside it as soon as it is evaluated
 */
import { quoted } from '../foundation/options.ts';
import {
  type Binding,
  type BoundGuest,
  type Choose,
  checkChoose,
  checkGlue,
  functionsOf,
  type GuestExports,
  importModulesOf,
} from './binding.ts';

export type WasmBindgenGlue = Readonly<Record<string, unknown>>;

type Call = (...args: unknown[]) => unknown;

/**
 * ```js
 * import { wasmBindgen } from 'sandtune/bindings';
 * import * as glue from 'the-package/the_package_bg.js';
 * export const { imports, bind } = wasmBindgen(glue);
 * ```
 * The guest's options: `module` (the package's .wasm file), `binding`, `functions`, and as `allowImports` the names
 * of the modules it imports from with `'*'`, such as `{ wbg: '*' }` or `{ './the_package_bg.js': '*' }`.
 *
 * @param given all that the glue exports, of any target
 * @param choose what the host may call, made of the glue once it is ready: `({ Parser }) => …`. Called once for
 * each instance. @defaultValue all functions that the glue exports
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function wasmBindgen<T extends WasmBindgenGlue>(given: T, choose?: Choose<T>): Binding {
  checkGlue('wasmBindgen()', given);
  checkChoose('wasmBindgen()', choose);
  const glue = allOf(given);
  /** Guests whose glue has not been given their exports yet, which other glue takes by itself. */
  const waiting = new WeakSet<BoundGuest>();
  return {
    imports: (self) => {
      if (self.exports) return undefined;
      if (typeof glue['__wbg_set_wasm'] === 'function') {
        waiting.add(self);
        return Object.fromEntries(importModulesOf(self).map((name) => [name, glue]));
      }
      return init(glue, self);
    },
    bind: (exports, self) => {
      const setWasm = glue['__wbg_set_wasm'];
      if (waiting.delete(self)) begin(setWasm as Call, exports);
      return choose ? choose(glue) : functionsOf(glue, ['default', 'initSync', 'initWasm']);
    },
  };
}

/** Glue for no modules is one function, which instantiates and has the others as its properties. */
function allOf<T extends WasmBindgenGlue>(given: T): T {
  return typeof given === 'function' ? { ...(given as T), default: given } : given;
}

function begin(setWasm: Call, exports: GuestExports): void {
  setWasm(exports);
  const start = exports['__wbindgen_start'];
  if (typeof start === 'function') (start as Call)();
}

async function init(glue: WasmBindgenGlue, self: BoundGuest): Promise<void> {
  const { module, memory } = self;
  const { initSync, initWasm } = glue;
  const call = (initSync ?? initWasm ?? glue['default']) as Call | undefined;
  if (typeof call !== 'function') {
    throw new TypeError(
      `wasmBindgen(): expected glue that exports __wbg_set_wasm, initSync, initWasm or a default function, or that instantiates its module itself; got only ${listed(Object.keys(glue))}. Where a library hides its glue, let the binding initialize it: export const imports = async (self) => { await init(self.module); }`,
    );
  }
  const named = call === initSync ? { module, memory } : { module_or_path: module, memory };
  // Newer glue takes an object with names, and warns of anything else; older glue takes the module itself.
  if (String(call).includes('Object.prototype')) return void (await call(named));
  if (call !== initWasm) return void (await call(module, memory));
  try {
    await call(named);
  } catch (error) {
    // What is behind it cannot be seen: older glue takes such an object for bytes, and has instantiated nothing yet.
    if (!(error instanceof TypeError) || self.exports) throw error;
    await call(module);
  }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'an empty module' : quoted(names.slice(0, 10).join(', '));
}

/**
 * Binding of a guest built with wasm-bindgen, by the glue that came with it, whatever its target:
 *
 *   bundler             x_bg.js takes the exports by `__wbg_set_wasm`; x.js and older glue import x_bg.wasm
 *   web, no bundler     `initSync` or the default export instantiates the module it is given
 *   nodejs              instantiates the file beside it as soon as it is evaluated
 */
import {
  type Binding,
  type BoundGuest,
  type Choose,
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
 * @param glue all that the glue exports, of any target
 * @param choose what the host may call, made of the glue once it is ready: `({ Parser }) => …`. Called once for
 * each instance. @defaultValue all functions that the glue exports
 */
export function wasmBindgen<T extends WasmBindgenGlue>(glue: T, choose?: Choose<T>): Binding {
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
      return choose ? choose(glue) : functionsOf(glue, ['default', 'initSync']);
    },
  };
}

function begin(setWasm: Call, exports: GuestExports): void {
  setWasm(exports);
  const start = exports['__wbindgen_start'];
  if (typeof start === 'function') (start as Call)();
}

function init(glue: WasmBindgenGlue, self: BoundGuest): unknown {
  const { module, memory } = self;
  const call = (glue['initSync'] ?? glue['default']) as Call | undefined;
  if (typeof call !== 'function') {
    throw new TypeError(
      'wasmBindgen(): expected glue that exports __wbg_set_wasm, initSync or a default function, or that instantiates its module itself; got none of them',
    );
  }
  // Newer glue takes an object with names, and warns of anything else; older glue takes the module itself.
  const takesObject = String(call).includes('Object.prototype');
  const named = call === glue['initSync'] ? { module, memory } : { module_or_path: module, memory };
  const result = takesObject ? call(named) : call(module, memory);
  return result instanceof Promise ? result.then(() => undefined) : undefined;
}

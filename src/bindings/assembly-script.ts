/**
 * Binding of a guest built with AssemblyScript, by the glue that came with it: `--bindings raw` or `esm`, the
 * loader (`@assemblyscript/loader`), or none at all.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { checkObject } from '../foundation/options.ts';
import {
  type Binding,
  type BoundGuest,
  type Choose,
  checkChoose,
  checkGlue,
  everything,
  functionsOf,
  type GuestExports,
} from './binding.ts';

export type AssemblyScriptGlue = Readonly<Record<string, unknown>>;

type Instantiate = (module: object, imports: object) => unknown;

/**
 * ```js
 * import { assemblyScript } from 'sandtune/bindings';
 * import * as glue from 'the-package/build/release.js';
 * export const { imports, bind } = assemblyScript(glue);
 * ```
 * The guest's options: `module` (the package's .wasm file), `binding`, `functions`, and `allowImports: { env: '*' }`
 * where it imports anything.
 *
 * @param glue all that the glue exports; undefined where there is none: then the raw exports are offered
 * @param choose what the host may call, made of what the glue gives. Called once for each instance. @defaultValue all
 * functions of it
 * @param imports what the guest imports besides `abort`, `seed` and `trace` of `env`
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function assemblyScript<T extends object = Record<string, unknown>>(
  glue?: AssemblyScriptGlue,
  choose?: Choose<T>,
  imports: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Binding {
  if (glue !== undefined) checkGlue('assemblyScript()', glue, `${everything}, or undefined where there is none`);
  checkChoose('assemblyScript()', choose);
  checkObject('assemblyScript(): imports', imports);
  const apis = new WeakMap<BoundGuest, object>();
  return {
    imports: async (self) => {
      if (self.exports) return undefined;
      const given = { ...imports, env: { ...ownImports(self), ...imports['env'] } };
      if (!glue) return given;
      const instantiate = (glue['instantiateSync'] ?? glue['instantiate']) as Instantiate | undefined;
      if (typeof instantiate !== 'function') {
        throw new TypeError(
          'assemblyScript(): expected glue that exports instantiate, or that instantiates its module itself; got neither',
        );
      }
      const result = (await instantiate(self.module, given)) as { readonly exports?: object };
      // The loader gives the instance with it, the tool's own bindings give the functions.
      apis.set(self, glue['instantiateSync'] && result.exports ? result.exports : result);
      return undefined;
    },
    bind: (exports, self) => {
      const api = apis.get(self) ?? glue ?? exports;
      // Functions that take and give numbers alone are not among those that such glue makes, which inherits them.
      return choose ? choose(api as T) : functionsOf({ ...exports, ...api }, ['instantiate']);
    },
  };
}

/** What AssemblyScript's runtime imports. */
function ownImports(self: BoundGuest): Record<string, unknown> {
  const text = (pointer: number) => textAt(self, pointer);
  return {
    ...(self.memory && { memory: self.memory }),
    abort: (message: number, file: number, line: number, column: number) => {
      throw new Error(`${text(message) ?? 'abort'} in ${text(file) ?? 'the guest'}:${line}:${column}`);
    },
    seed: () => randomBytes(8).readDoubleLE(),
    trace: (message: number, count: number, ...values: number[]) =>
      void writeSync(2, `trace: ${[text(message), ...values.slice(0, count)].join(' ')}\n`),
  };
}

/** The string at this address: UTF-16, its length in bytes in the four bytes in front. */
function textAt({ exports, memory }: BoundGuest, pointer: number): string | undefined {
  const { buffer } = ((exports as GuestExports | undefined)?.['memory'] ?? memory ?? {}) as { buffer?: ArrayBuffer };
  if (!buffer || pointer < 4 || pointer >= buffer.byteLength) return undefined;
  const length = new DataView(buffer).getUint32(pointer - 4, true);
  return Buffer.from(buffer, pointer, Math.min(length, buffer.byteLength - pointer)).toString('utf16le');
}

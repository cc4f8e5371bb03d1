/**
 * The demo's guests: real modules from npm packages and one of our own, each with its binding and
 * the function the host may call. The shape is what `createSandbox({ guests })` takes.
 */
import { readFileSync } from 'node:fs';
import { type Algorithm, recipes } from './hash-wasm.ts';
import { packagedModule } from './packaged.ts';

export interface Guest {
  readonly module: Uint8Array<ArrayBuffer>;
  /** ES module that the worker loads; its `bind(exports)` gives the functions. */
  readonly binding: URL;
  readonly functions: readonly string[];
}

const hashWasmExports = ['memory', 'Hash_GetBuffer', 'Hash_Init', 'Hash_Update', 'Hash_Final'];

function hashWasm(algorithm: Algorithm): Guest {
  return {
    module: packagedModule(`hash-wasm/dist/${algorithm}.umd.min.js`, hashWasmExports),
    binding: new URL(`./hash-wasm.ts?algorithm=${algorithm}`, import.meta.url),
    functions: ['digest'],
  };
}

/**
 * Reads the guests' bytes: 16 modules of 0.4 to 30 KB.
 * @throws {SandtuneError} ERR_SANDTUNE_INPUT when an installed package is not the expected one
 */
export function demoGuests(): Readonly<Record<string, Guest>> {
  const algorithms = Object.keys(recipes) as Algorithm[];
  return {
    ...Object.fromEntries(algorithms.map((name) => [name, hashWasm(name)])),
    lexer: {
      module: packagedModule('es-module-lexer', ['memory', '__heap_base', 'sa', 'parse', 'ri', 're', 'e']),
      binding: new URL('./lexer.ts', import.meta.url),
      functions: ['lex'],
    },
    xxh64: {
      module: packagedModule('xxhash-wasm', ['mem', 'xxh64', 'init64', 'update64', 'digest64']),
      binding: new URL('./xxhash.ts', import.meta.url),
      functions: ['digest'],
    },
    text: {
      module: new Uint8Array(readFileSync(new URL('./text/text.wasm', import.meta.url))),
      binding: new URL('./text.ts', import.meta.url),
      functions: ['count'],
    },
  };
}

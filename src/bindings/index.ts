/** Bindings of guests as common tools build them: `sandtune/bindings`. Used in binding modules, in a sandbox's worker. */
import '../foundation/node-version.ts';

export { type AssemblyScriptGlue, assemblyScript } from './assembly-script.ts';
export type { Binding, BoundFunctions, BoundGuest, Choose, GuestExports } from './binding.ts';
export { type EmscriptenFactory, type EmscriptenModule, emscripten } from './emscripten.ts';
export { type RecordsOptions, records } from './records.ts';
export type { WasiInput, WasiOptions } from './wasi/input.ts';
export { type WasiResult, wasi } from './wasi/wasi.ts';
export { type WasmBindgenGlue, wasmBindgen } from './wasm-bindgen.ts';

/** The whole binding of the guest lz4-wasm: its own glue, as wasm-bindgen has made it. */
import * as glue from 'lz4-wasm/lz4_wasm_bg.js';
import { wasmBindgen } from 'sandtune/bindings';

export const { imports, bind } = wasmBindgen(glue);

/** wasm-bindgen for bundlers: glue and module import each other. */
import * as glue from 'lz4-wasm/lz4_wasm_bg.js';
import { wasmBindgen } from 'sandtune/bindings';

export const { imports, bind } = wasmBindgen(glue);

/** wasm-bindgen for Node.js, of 2019. */
import glue from 'wasm-flate';
import { wasmBindgen } from 'sandtune/bindings';

export const { imports, bind } = wasmBindgen(glue);

/** wasm-bindgen for Node.js: CommonJS that instantiates the file beside it. */
import glue from 'lz4-wasm-nodejs';
import { wasmBindgen } from 'sandtune/bindings';

export const { imports, bind } = wasmBindgen(glue);

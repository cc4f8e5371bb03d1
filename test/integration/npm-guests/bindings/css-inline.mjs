/** wasm-bindgen for the web, behind a library that exports its init function as `initWasm`. */
import * as glue from '@css-inline/css-inline-wasm';
import { wasmBindgen } from 'sandtune/bindings';

export const { imports, bind } = wasmBindgen(glue);

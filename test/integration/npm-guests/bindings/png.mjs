/** wasm-bindgen for the web: glue that instantiates the module it is given, with imports of its own. */
import * as glue from '@jsquash/png/codec/pkg/squoosh_png.js';
import { wasmBindgen } from 'sandtune/bindings';

export const { imports, bind } = wasmBindgen(glue, ({ encode }) => ({ encode }));

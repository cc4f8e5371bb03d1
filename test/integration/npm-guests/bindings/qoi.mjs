/** Emscripten with `EXPORT_ES6` and embind. */
import factory from '@jsquash/qoi/codec/enc/qoi_enc.js';
import { emscripten } from 'sandtune/bindings';

export const { imports, bind } = emscripten(factory, (module) => ({
  encode: (pixels, width, height) => new Uint8Array(module.encode(pixels, width, height)),
}));

/** Emscripten without a factory, behind a library that reads the file by itself. */
import { compress, decompress, init } from '@bokuweb/zstd-wasm';

export async function bind() {
  await init();
  return { compress, decompress };
}

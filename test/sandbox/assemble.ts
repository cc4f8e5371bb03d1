/** WebAssembly text → bytes, by wabt. */
import wabtInit from 'wabt';

const wabt = await wabtInit();

type WasmFeatures = NonNullable<Parameters<typeof wabt.parseWat>[2]>;

/**
 * @param names write the name section, which gives functions their names in a stack
 * @param features proposals that wabt has to be told of
 */
export function assemble(
  text: string,
  { names = false, features = {} }: { readonly names?: boolean; readonly features?: WasmFeatures } = {},
): Uint8Array<ArrayBuffer> {
  const module = wabt.parseWat('guest.wat', text, features);
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: names }).buffer);
  } finally {
    module.destroy();
  }
}

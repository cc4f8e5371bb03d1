/** WebAssembly text → bytes, by wabt. */
import wabtInit from 'wabt';

const wabt = await wabtInit();

/** @param names write the name section, which gives functions their names in a stack */
export function assemble(text: string, { names = false } = {}): Uint8Array<ArrayBuffer> {
  const module = wabt.parseWat('guest.wat', text);
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: names }).buffer);
  } finally {
    module.destroy();
  }
}

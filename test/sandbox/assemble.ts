/** WebAssembly text → bytes, by wabt. */
import wabtInit from 'wabt';

const wabt = await wabtInit();

export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const module = wabt.parseWat('guest.wat', text);
  try {
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

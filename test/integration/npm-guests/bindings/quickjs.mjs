/** WASI reactor behind a library with a WASI of its own. */
import { QuickJS } from 'quickjs-wasi';

export async function bind(_exports, self) {
  const quickjs = await QuickJS.create({ wasm: self.module });
  return { evaluate: (code) => quickjs.evalCode(code).toNumber() };
}

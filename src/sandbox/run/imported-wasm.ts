/**
 * `import * as wasm from './x.wasm'` in a binding or its glue. The guest's own bytes give the guest's instance;
 * other bytes are a module of the binding's, and Node would give it the same instance.
 *
 * In the cycle "glue imports the module, the module imports the glue" the glue's functions are there only
 * after the module, so each is looked up when it is called.
 */
import type { GuestSelf } from './guest-self.ts';

export function instantiateImported(
  self: GuestSelf,
  bytes: Uint8Array<ArrayBuffer>,
  importsOf: (module: string) => Readonly<Record<string, unknown>>,
): WebAssembly.Exports {
  const isGuest = self.isGuest(bytes);
  if (isGuest && self.instance) return self.instance.exports;
  const module = isGuest ? self.module : new WebAssembly.Module(bytes);
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const supplied = importsOf(from);
    (imports[from] ??= {})[name] = kind === 'function' ? called(supplied, name) : supplied[name];
  }
  return isGuest
    ? self.instantiate(imports).exports
    : new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports;
}

function called(supplied: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return supplied[name];
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return (...args: unknown[]) => (supplied[name] as (...args: unknown[]) => unknown)(...args);
  }
}

/** Glue as tools make it: the guest it serves is a variable of its module. */
let wasm: { count(): number; fail(): never };
let set = 0;

export const glue = {
  set: (exports: WebAssembly.Exports) => {
    if (set++ > 0) throw new Error('this glue serves a guest already');
    wasm = exports as unknown as typeof wasm;
  },
  count: () => wasm.count(),
  fail: () => wasm.fail(),
};

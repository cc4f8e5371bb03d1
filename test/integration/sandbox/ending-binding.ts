/** A binding that ends its worker, or blocks it. */
export function bind() {
  return {
    exit: () => process.exit(3),
    wait: (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  };
}

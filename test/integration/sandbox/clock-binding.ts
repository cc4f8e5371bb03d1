/** A binding that supplies imports, more of them than any host lists. */
let logged: number[] = [];

export function imports(self: { exports?: WebAssembly.Exports }) {
  return {
    env: {
      log: (value: number) => void logged.push(value),
      /** Shows that a host function can reach the instance that calls it. */
      size: () => (self.exports as { memory: WebAssembly.Memory } | undefined)?.memory.buffer.byteLength ?? 0,
      secret: () => 42,
    },
  };
}

export function bind(exports: WebAssembly.Exports) {
  return {
    run: (value: number) => {
      logged = [];
      const size = (exports['run'] as (value: number) => number)(value);
      return { size, logged };
    },
    spin: exports['spin'],
  };
}

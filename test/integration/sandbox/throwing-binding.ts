/** How shims of WASI end a program: thrown through the guest, and often no error. */
class Exit {
  readonly exitCode: number;

  constructor(exitCode: number) {
    this.exitCode = exitCode;
  }
}

/** A binding that throws what a program has to be able to look at afterwards. */
export function bind(exports: WebAssembly.Exports) {
  return {
    trap: () => (exports['run'] as () => void)(),
    fail: () => {
      const cause = Object.assign(new Error('line 7'), { errno: -2 });
      throw Object.assign(new TypeError('bad input', { cause }), { code: 'E_BAD' });
    },
    leave: () => {
      const exit: unknown = new Exit(3);
      throw exit;
    },
    exit: () => process.exit(5),
    long: () => {
      throw new Error('x'.repeat(5_000_000));
    },
    unpostable: () => Object.assign(() => 1, { toString: () => 'y'.repeat(5_000_000) }),
  };
}

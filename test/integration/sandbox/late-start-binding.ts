/** A binding that loads or not, as the environment said when its worker was started. */
const how = process.env['SANDTUNE_TEST_START'];
if (how === 'throw') await new Promise(() => setImmediate(() => fail('this binding fails late')));
if (how === 'exit') process.exit(4);

function fail(message: string): never {
  throw new Error(message);
}

export function bind() {
  return {
    exit: () => process.exit(3),
    wait: (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  };
}

/** A binding that tells where it is, and holds its thread as long as it is told to. */
import { threadId } from 'node:worker_threads';

export function bind() {
  const idle = new Int32Array(new SharedArrayBuffer(4));
  return {
    /** Blocks its thread, and says which it is. */
    pause: (ms: number) => {
      Atomics.wait(idle, 0, 0, ms);
      return threadId;
    },
    /** Never ends. @param begun shared memory, whose first integer becomes the id of its thread once it runs */
    hold: (begun: Int32Array<SharedArrayBuffer>) => {
      Atomics.store(begun, 0, threadId);
      Atomics.notify(begun, 0);
      Atomics.wait(idle, 0, 0);
    },
    length: (bytes: Uint8Array) => bytes.length,
    bytes: (length: number) => new Uint8Array(length),
    /** Every byte of it is `value`. */
    filled: (length: number, value: number) => new Uint8Array(length).fill(value),
    /** True where every byte is `value`. */
    isFilled: (bytes: Uint8Array, value: number) => bytes.every((one) => one === value),
  };
}

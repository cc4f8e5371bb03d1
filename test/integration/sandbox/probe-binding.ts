/**
 * A binding that lets tests see and disturb what a worker does: which thread, how many instances,
 * ends of the thread, results that cannot be posted.
 */
import { threadId } from 'node:worker_threads';

/** Outside of any module, because a module of a binding is evaluated anew for each instance. */
const thread = globalThis as { instancesMade?: number };

export function bind(exports: WebAssembly.Exports) {
  thread.instancesMade = (thread.instancesMade ?? 0) + 1;
  let callsHere = 0;
  let kept: Uint8Array = new Uint8Array(0);
  const next = exports['next'] as () => number;
  return {
    /** Which thread, how many instances it has made of any guest with this binding, calls to this instance. */
    who: () => ({ threadId, instancesMade: thread.instancesMade, callsHere: ++callsHere, inGuest: next() }),
    /** Blocks its thread. */
    wait: (ms: number) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      return threadId;
    },
    /** Never ends. @param begun shared memory, in which the first integer becomes 1 once it runs */
    spin: (begun: Int32Array<SharedArrayBuffer>) => {
      Atomics.store(begun, 0, 1);
      Atomics.notify(begun, 0);
      for (;;);
    },
    /** Blocks its thread until it is let go. @param held shared memory, in which the first integer becomes 1, then 2 */
    hold: (held: Int32Array<SharedArrayBuffer>) => {
      Atomics.store(held, 0, 1);
      Atomics.notify(held, 0);
      Atomics.wait(held, 0, 1);
    },
    /** The same, and then so many bytes, all 9. */
    late: (held: Int32Array<SharedArrayBuffer>, length: number) => {
      Atomics.store(held, 0, 1);
      Atomics.notify(held, 0);
      Atomics.wait(held, 0, 1);
      return new Uint8Array(length).fill(9);
    },
    /** Ends its thread the first time it is called with this memory, then gives so many bytes, all 9. */
    flaky: (called: Int32Array<SharedArrayBuffer>, length: number) => {
      if (Atomics.add(called, 0, 1) === 0) process.exit(3);
      return new Uint8Array(length).fill(9);
    },
    /** Keeps its argument, and tells how long the one before is now. */
    keep: (bytes: Uint8Array) => {
      const before = kept.length;
      kept = bytes;
      return before;
    },
    echo: (value: unknown) => value,
    length: (value: { readonly length: number }) => value.length,
    view: () => new Uint8Array((exports['memory'] as WebAssembly.Memory).buffer, 0, 16),
    unpostable: () => () => 1,
    later: async () => 1,
    exit: () => process.exit(3),
    fail: (message: string) => {
      throw new RangeError(message);
    },
  };
}

/** Condemns the call it is in, as the host does when a deadline passes in the very moment a call ends. */
import { workerData } from 'node:worker_threads';
import { condemned, ints, slotOf, type WorkerSetup } from '../../../src/sandbox/run/protocol.ts';

export function bind() {
  return {
    /** @param begun shared memory, in which the first integer becomes 1 once it is condemned */
    condemnSelf: (begun: Int32Array<SharedArrayBuffer>) => {
      const { memory } = workerData as WorkerSetup;
      for (const index of [0, 1]) Atomics.compareExchange(slotOf(memory, index).ints, ints.running, 0, condemned(0));
      Atomics.store(begun, 0, 1);
      Atomics.notify(begun, 0);
    },
    count: (cell: Int32Array) => Atomics.add(cell, 0, 1),
  };
}

/** Condemns the call it is in, as the host does when a deadline passes in the very moment a call ends. */
import { workerData } from 'node:worker_threads';
import { condemned, ints, slotOf, type WorkerSetup } from '../../../src/sandbox/run/protocol.ts';

export function bind() {
  return {
    condemnSelf: () => {
      const { memory } = workerData as WorkerSetup;
      for (const index of [0, 1]) Atomics.compareExchange(slotOf(memory, index).ints, ints.running, 0, condemned(0));
    },
    count: (cell: Int32Array) => Atomics.add(cell, 0, 1),
  };
}

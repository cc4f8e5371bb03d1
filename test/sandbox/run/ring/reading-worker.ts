/** Reads frames whose cells all hold their number, as fast as it can, and tells how many were not as they were written. */
import { parentPort, workerData } from 'node:worker_threads';
import { RingMemory, RingReader } from '../../../../src/sandbox/run/ring/byte-ring.ts';

const { memory, capacityBytes, frames } = workerData as {
  readonly memory: SharedArrayBuffer;
  readonly capacityBytes: number;
  readonly frames: number;
};
const ring = new RingMemory(memory, 0, capacityBytes);
const reader = new RingReader(ring);
const idle = new Int32Array(new SharedArrayBuffer(4));
let seen = 0;
let torn = 0;
while (seen < frames) {
  const at = reader.next();
  if (at < 0) {
    Atomics.wait(idle, 0, 0, 1);
    continue;
  }
  seen++;
  const cells = [...ring.floats.subarray((at >> 3) + 1, (at + reader.frameBytes) >> 3)];
  if (ring.ints[(at >> 2) + 1] !== seen || cells.length !== seen % 15 || cells.some((cell) => cell !== seen)) torn++;
  reader.done();
}
parentPort?.postMessage({ frames: seen, torn });

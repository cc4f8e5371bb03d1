/** How long a worker takes to start on this machine, as busy as it is now, where no pool of ours starts it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../../src/foundation/clock.ts';
import { slotCountFor } from '../../../src/sandbox/run/pool.ts';
import { createSharedMemory } from '../../../src/sandbox/run/protocol.ts';

const file = new URL('./bare-worker.ts', import.meta.url);

/** The slowest of three, one after the other, ms. */
export async function bareStartMs(): Promise<number> {
  let slowestMs = 0;
  for (let start = 0; start < 3; start++) slowestMs = Math.max(slowestMs, await oneStartMs());
  return slowestMs;
}

async function oneStartMs(): Promise<number> {
  const startMs = systemClock.now();
  const workerData = { guests: [], functions: [], memory: createSharedMemory(slotCountFor(1)) };
  const worker = new Worker(file, { workerData });
  await once(worker, 'message');
  const tookMs = systemClock.now() - startMs;
  await worker.terminate();
  return tookMs;
}

/** What the guest alone takes and gives: workers that run it in a loop, with no calls between threads. */
import { Worker } from 'node:worker_threads';
import { systemClock, systemTimers } from '../../../src/foundation/clock.ts';
import type { Bytes } from '../alike/request.ts';

/** Index of the integers that main thread and workers share, each in a cache line of its own. */
export const words = { round: 0, turns: 16, stop: 32, calls: 48, stopped: 64, started: 80 } as const;

const file = new URL('./bare-loop-worker.ts', import.meta.url);

export interface BareLoop extends AsyncDisposable {
  /** @returns calls a second of all workers together */
  run(turns: number, forMs: number): Promise<number>;
}

export async function openBareLoop(threads: number, bytes: Bytes): Promise<BareLoop> {
  const shared = new SharedArrayBuffer(96 * Int32Array.BYTES_PER_ELEMENT);
  const memory = new Int32Array(shared);
  const workers = Array.from({ length: threads }, () => new Worker(file, { workerData: { bytes, shared } }));
  await reached(memory, words.started, threads);
  let round = 0;
  return {
    run: async (turns, forMs) => {
      memory[words.turns] = turns;
      Atomics.store(memory, words.calls, 0);
      Atomics.store(memory, words.stopped, 0);
      const startMs = systemClock.now();
      Atomics.store(memory, words.round, ++round);
      Atomics.notify(memory, words.round);
      await systemTimers.sleep(forMs, { keepAlive: true });
      Atomics.store(memory, words.stop, round);
      await reached(memory, words.stopped, threads);
      return (1000 * Atomics.load(memory, words.calls)) / (systemClock.now() - startMs);
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}

/** Resolves when a word has come to be `count`. */
async function reached(memory: Int32Array<SharedArrayBuffer>, word: number, count: number): Promise<void> {
  for (let seen = Atomics.load(memory, word); seen < count; seen = Atomics.load(memory, word))
    await Atomics.waitAsync(memory, word, seen).value;
}

/** A worker that runs the guest and does nothing else, while a word of shared memory says so. */
import { workerData } from 'node:worker_threads';
import { type Bytes, exportsOf } from '../alike/request.ts';
import { words } from './bare-loop.ts';

const { bytes, shared } = workerData as { readonly bytes: Bytes; readonly shared: SharedArrayBuffer };
const memory = new Int32Array(shared);
const mix = exportsOf(bytes)['mix'] as (turns: number, seed: number) => number;

Atomics.add(memory, words.started, 1);
Atomics.notify(memory, words.started);
for (let round = 0; ; ) {
  Atomics.wait(memory, words.round, round);
  round = Atomics.load(memory, words.round);
  const turns = memory[words.turns] as number;
  let calls = 0;
  // Once at least: on a busy machine a round may be over before it has begun.
  do {
    mix(turns, 1);
    calls++;
  } while (Atomics.load(memory, words.stop) !== round);
  Atomics.add(memory, words.calls, calls);
  Atomics.add(memory, words.stopped, 1);
  Atomics.notify(memory, words.stopped);
}

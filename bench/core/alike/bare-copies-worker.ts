/** The worker of bare copies: takes the bytes out of shared memory, turns the first over, and puts them back. */
import { workerData } from 'node:worker_threads';
import { CopiesMemory, places, stateAt, states, words } from './bare-copies-memory.ts';
import { flipped } from './request.ts';

const { shared, byteLength } = workerData as { readonly shared: SharedArrayBuffer; readonly byteLength: number };
const memory = new CopiesMemory(byteLength, shared);
const all = memory.words;
const own = new Uint8Array(byteLength);

for (let place = 0; ; place = (place + 1) % places) {
  const state = stateAt(place);
  while (Atomics.load(all, state) !== states.asked) sleep(state);
  Buffer.prototype.copy.call(memory.given[place] as Uint8Array, own);
  Buffer.prototype.copy.call(flipped(own), memory.results[place] as Uint8Array);
  Atomics.store(all, state, states.answered);
  if (Atomics.load(all, stateAt((place + 1) % places)) !== states.asked) ring();
}

function sleep(state: number): void {
  for (let i = 0; i < 1000; i++) if (Atomics.load(all, state) === states.asked) return;
  ring();
  Atomics.store(all, words.workerAsleep, 1);
  if (Atomics.load(all, state) !== states.asked) Atomics.wait(all, words.workerAsleep, 1);
  Atomics.store(all, words.workerAsleep, 0);
}

function ring(): void {
  if (Atomics.compareExchange(all, words.hostAsleep, 1, 0) === 1) Atomics.notify(all, words.hostAsleep);
}

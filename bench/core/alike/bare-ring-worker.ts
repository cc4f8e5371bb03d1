/** The worker of a bare ring: of a thread of Node's, or the one task of a worker of piscina's that never ends. */
import { workerData } from 'node:worker_threads';
import { systemClock } from '../../../src/foundation/clock.ts';
import { BareMemory, floatAt, floats, intAt, ints, places, states, words } from './bare-ring-memory.ts';
import { type Bytes, exportsOf } from './request.ts';

const { bytes, shared } = workerData as { readonly bytes: Bytes; readonly shared?: SharedArrayBuffer };

export default function serve(given: SharedArrayBuffer): void {
  const memory = new BareMemory(given);
  const called = [exportsOf(bytes)['mix'] as (a: number, b: number) => number];
  for (let place = 0; ; place = (place + 1) % places) {
    const state = intAt(place, ints.state);
    while (Atomics.load(memory.ints, state) !== states.asked) sleep(memory, state);
    const beganMs = systemClock.now();
    if (beganMs > (memory.floats[floatAt(place, floats.dueMs)] as number)) throw new Error('its deadline has passed');
    const call = called[memory.ints[intAt(place, ints.name)] as number] as (a: number, b: number) => number;
    memory.ints[intAt(place, ints.result)] = call(
      memory.ints[intAt(place, ints.a)] as number,
      memory.ints[intAt(place, ints.b)] as number,
    );
    memory.floats[floatAt(place, floats.beganMs)] = beganMs;
    memory.floats[floatAt(place, floats.endedMs)] = systemClock.now();
    Atomics.store(memory.ints, state, states.answered);
    if (Atomics.load(memory.ints, intAt((place + 1) % places, ints.state)) !== states.asked) ring(memory);
  }
}

/** Looks for 10 µs first, as ours does. */
function sleep(memory: BareMemory, state: number): void {
  const untilMs = systemClock.now() + 0.01;
  do {
    for (let i = 0; i < 16; i++) if (Atomics.load(memory.ints, state) === states.asked) return;
  } while (systemClock.now() < untilMs);
  ring(memory);
  Atomics.store(memory.words, words.workerAsleep, 1);
  if (Atomics.load(memory.ints, state) !== states.asked) Atomics.wait(memory.words, words.workerAsleep, 1);
  Atomics.store(memory.words, words.workerAsleep, 0);
}

function ring({ words: all }: BareMemory): void {
  if (Atomics.compareExchange(all, words.hostAsleep, 1, 0) === 1) Atomics.notify(all, words.hostAsleep);
}

if (shared) serve(shared);

/**
 * Three stages of one cost, on as many workers as there are cores: all at once, with the lanes that a pipeline has by
 * default, and one behind the other. Both make the same calls, of the same batches, to the same kind of pool; what
 * differs is that one waits. Two that wait, each for itself, show what the cores can do at once.
 */
import { createSandbox, type GuestFunction } from 'sandtune';
import { functionSink, iterableSource, pipeline } from 'sandtune/stream';
import { systemClock } from '../../src/foundation/clock.ts';
import { packed, unpacked } from '../../src/stream/record-batch.ts';
import type { Arm } from '../compare.ts';
import { streamGuest } from './guest.ts';

const recordBytes = 64;
const batchRecords = 64;
const threads = 2;
const stages = ['first', 'second', 'third'];

const batch = Array.from({ length: batchRecords }, (_, i) => new Uint8Array(recordBytes).fill(i));

function* recordsFor(ms: number): Generator<Uint8Array[]> {
  const endMs = systemClock.now() + ms;
  while (systemClock.now() < endMs) yield batch;
}

/** @param pass how many records went through all stages while the source gave them for so long */
function arm(pass: (spin: GuestFunction, ms: number) => Promise<number>): Arm {
  return {
    open: async () => {
      const binding = new URL('./records-binding.ts', import.meta.url);
      const guests = { g: { module: await streamGuest(), binding, functions: ['spin'] } };
      const sandbox = await createSandbox({ guests, threads });
      const spin = sandbox.function('spin');
      return {
        measure: async (ms) => {
          const startMs = systemClock.now();
          const count = await pass(spin, ms);
          return { recordsPerS: count / ((systemClock.now() - startMs) / 1000) };
        },
        [Symbol.asyncDispose]: () => sandbox.close(),
      };
    },
  };
}

export const overlapped: Arm = arm(async (spin, ms) => {
  const all = stages.map((name) => ({ executor: spin, name }));
  const stream = pipeline(all, { takes: 'batch', batchRecords });
  const source = iterableSource(() => recordsFor(ms), { gives: 'records' });
  const { delivered } = await stream.run(
    source,
    functionSink(() => {}, { borrows: true }),
  );
  return delivered;
});

export const inTurn: Arm = arm(passInTurn);

/** Two of them beside each other: as many workers as cores are busy, and no stage is behind another. */
export const twiceInTurn: Arm = arm(async (spin, ms) => {
  const [one, other] = await Promise.all([passInTurn(spin, ms), passInTurn(spin, ms)]);
  return one + other;
});

async function passInTurn(spin: GuestFunction, ms: number): Promise<number> {
  let count = 0;
  for (const records of recordsFor(ms)) {
    let results: readonly Uint8Array[] = records;
    for (const _ of stages) {
      const value = await spin.run([packed(results.map((bytes) => ({ bytes })))]);
      results = unpacked(value, results.length).flat() as readonly Uint8Array[];
    }
    count += results.length;
  }
  return count;
}

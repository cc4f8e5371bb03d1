/**
 * A pipeline of `node:stream/iter` whose JavaScript transform copies each chunk into a memory and out again. It runs
 * on a thread of its own, which alone is given the flag that this experimental module needs.
 */
import { from, pull } from 'node:stream/iter';
import { parentPort } from 'node:worker_threads';
import { systemClock } from '../../src/foundation/clock.ts';
import { recordsFor } from './records.ts';

interface Asked {
  readonly ms: number;
  readonly recordBytes: number;
}

parentPort?.on('message', (asked: Asked) => {
  void passOf(asked).then((took) => parentPort?.postMessage(took));
});

async function passOf({ ms, recordBytes }: Asked) {
  const startMs = systemClock.now();
  const memory = new Uint8Array(recordBytes);
  const copied = (chunks: readonly Uint8Array[] | null) =>
    chunks === null
      ? null
      : chunks.map((chunk) => {
          memory.set(chunk);
          return memory.slice();
        });
  let count = 0;
  for await (const batch of pull(from(recordsFor(ms, recordBytes)), copied)) count += batch.length;
  return { count, ms: systemClock.now() - startMs };
}

/** One round of calls over a transport, and what the process has resident after a collection. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Entries } from '../../arms/entries.ts';
import type { OpenArm } from '../../compare.ts';

export interface LeakSpec {
  readonly transport: 'message' | 'ring';
  /**
   * What calls result in: a number; 20 KB written into a buffer; the same leased and released, leased and dropped, or
   * leased and kept, one in so many that they are `plantedBytes`.
   */
  readonly results: 'number' | 'into' | 'lease' | 'dropped-lease' | 'kept-lease';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes that are kept for ever, of each million calls; 0: none. */
  readonly plantedBytes: number;
}

/** Of results of 20 KB fewer: as many as find room in shared memory, so that none is copied into memory that is collected. */
const mostInFlight = { number: 256, bytes: 32 } as const;
const pageBytes = 4096;
const resultBytes = 20_000;

export async function openArm(
  { transport, results, bytes, plantedBytes }: LeakSpec,
  entries: Entries,
): Promise<OpenArm> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: object) => void;
  // The heap shrinks to what is used: when it grows has no say.
  const collect = () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { createSandbox } = await entries.sandtune();
  const sandbox = await createSandbox({
    guests: {
      guest: { module: bytes },
      other: { module: bytes, binding: new URL('./bytes-binding.ts', import.meta.url), functions: ['bytes'] },
    },
    threads: 2,
    transport,
    ...(transport === 'message' && { batchSize: 64 }),
    deadlineMs: 60_000,
  });
  const work = sandbox.function('guest.work');
  const large = sandbox.function('other.bytes');
  const kept: unknown[] = [];
  const inFlight = results === 'number' ? mostInFlight.number : mostInFlight.bytes;
  const keptEvery = plantedBytes > 0 ? Math.floor((1e6 * resultBytes) / plantedBytes) : Number.POSITIVE_INFINITY;
  const into = Array.from({ length: inFlight }, () => new Uint8Array(resultBytes));
  /** @param lane of the calls that are in flight together */
  const one = async (call: number, lane: number): Promise<void> => {
    if (results === 'into') return void (await large.run([], { into: into[lane] as Uint8Array }));
    if (results !== 'number') {
      const lease = await large.run([], { lease: true });
      if (results === 'kept-lease' && call % keptEvery === 0) kept.push(lease);
      else if (results !== 'dropped-lease') lease.release();
      return;
    }
    // One in so many by a tenant of its own, with options: what they leave behind would be seen as well.
    if (call % 64 === 0) await work.run([1], { tenant: `tenant-${call}`, priority: 'high', maxWaitMs: 60_000 });
    else await work(1);
  };
  return {
    measure: async (calls) => {
      let next = 0;
      const loop = async (_: unknown, lane: number) => {
        for (let call = next++; call < calls; call = next++) await one(call, lane);
      };
      await Promise.all(Array.from({ length: inFlight }, loop));
      if (results === 'number' && plantedBytes > 0)
        kept.push(Buffer.alloc(Math.round((plantedBytes * calls) / 1e6), 1));
      for (let time = 0; time < 3; time++) {
        collect();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const [, residentPages] = readFileSync('/proc/self/statm', 'utf8').split(' ');
      return { 'resident-bytes': Number(residentPages) * pageBytes, kept: kept.length };
    },
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

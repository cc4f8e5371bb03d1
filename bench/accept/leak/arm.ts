/** One round of calls over a transport, and what the process has resident after a collection. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Entries } from '../../arms/entries.ts';
import type { OpenArm } from '../../compare.ts';

export interface LeakSpec {
  readonly transport: 'message' | 'ring';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes that are kept for ever, of each million calls; 0: none. */
  readonly plantedBytes: number;
}

const inFlight = 256;
const pageBytes = 4096;

export async function openArm({ transport, bytes, plantedBytes }: LeakSpec, entries: Entries): Promise<OpenArm> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { createSandbox } = await entries.sandtune();
  const sandbox = await createSandbox({
    guests: { guest: { module: bytes } },
    threads: 2,
    transport,
    ...(transport === 'message' && { batchSize: 64 }),
    deadlineMs: 60_000,
  });
  const work = sandbox.function('guest.work');
  const kept: Buffer[] = [];
  return {
    measure: async (calls) => {
      let next = 0;
      const loop = async () => {
        for (let call = next++; call < calls; call = next++)
          // One in so many by a tenant of its own, with options: what they leave behind would be seen as well.
          if (call % 64 === 0) await work.run([1], { tenant: `tenant-${call}`, priority: 'high', maxWaitMs: 60_000 });
          else await work(1);
      };
      await Promise.all(Array.from({ length: inFlight }, loop));
      if (plantedBytes > 0) kept.push(Buffer.alloc(Math.round((plantedBytes * calls) / 1e6), 1));
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

/** Worker pools, computed from their events (../pool.ts): three threads and no batches at first. */
import { randomStream } from '../../../src/foundation/random.ts';
import { batchKnob, type PoolMemory, poolWorld, somePool, threadsKnob, withMemory, withRing } from '../pool.ts';
import type { Pool } from '../pool-events.ts';
import { overlapping } from '../repairmen.ts';
import { type CatalogueWorld, numberKnob, throughput, usualNoise } from './entry.ts';

export const pools: readonly CatalogueWorld[] = [
  pool('pool-cpu-bound', 'guests that compute for a fifth of a millisecond to two', (between) => ({
    workerPerCall: between(0.2, 2),
    guestWait: 0,
  })),
  pool(
    'pool-waiting',
    'guests that mostly wait for others, two to ten times as many as there are threads',
    (between) => ({
      workerPerCall: between(0.02, 0.1),
      guestWait: between(2, 10),
      inFlight: 64,
    }),
  ),
  pool('pool-mixed', 'guests that compute about as long as they wait', (between) => {
    const ms = between(0.2, 1);
    return { workerPerCall: ms, guestWait: ms * between(0.5, 2) };
  }),
  narrow(),
  rings(),
  overlapped('pool-overlapping', 'and whose threads say so', true),
  overlapped('pool-overlapping-untold', 'and whose threads do not say so', false),
];

const callsPerThreadKnob = numberKnob('callsPerThread', 1, { max: 16, unit: 'calls' });

function overlapped(name: string, says: string, tells: boolean): CatalogueWorld {
  return {
    name,
    about: `a pool of as many threads as CPUs, whose calls wait five to twenty times as long as they run, ${says}`,
    kind: 'pool',
    law: 'repairmen',
    goal: throughput,
    spec: (seed) => {
      const random = randomStream(seed, name);
      const cores = 2 + Math.floor(3 * random());
      const cpuMs = 0.3 + 0.7 * random();
      const waitMs = cpuMs * 5 * 4 ** random();
      const law = overlapping({ cores, inFlight: 96, cpuMs, hostMs: 0.03, waitMs, tells });
      return {
        knobs: [{ ...threadsKnob, defaultValue: cores }, callsPerThreadKnob],
        load: { kind: 'closed', inFlight: 96 },
        law,
        cpus: () => cores,
        noise: usualNoise,
      };
    },
  };
}

/** Of memory there is enough for some threads more than there are, and for fewer than would be fastest. */
const memory: PoolMemory = { baseBytes: 200e6, perThreadBytes: 80e6, thereBytes: 900e6 };

function narrow(): CatalogueWorld {
  const waiting = pool('pool-memory', 'guests that mostly wait, for whose threads there is memory up to eight', () => ({
    workerPerCall: 0.1,
    guestWait: 5,
    inFlight: 64,
    cores: 4,
  }));
  return {
    ...waiting,
    goal: { ...throughput, subjectTo: ['rss < 850MB'] },
    spec: (seed) => withMemory({ name: waiting.name, ...waiting.spec(seed) }, memory),
  };
}

/** Guests of microseconds, of which most are spent around them: in half of the seeds fuller batches do as well as shared memory, or better. */
function rings(): CatalogueWorld {
  const name = 'pool-transport';
  return {
    name,
    about:
      'a pool on two to eight CPUs with guests of microseconds, whose calls travel in messages or in shared memory',
    kind: 'pool',
    law: 'worker pool',
    goal: throughput,
    spec: (seed) => {
      const random = randomStream(seed, name);
      const between = (low: number, high: number) => low * (high / low) ** random();
      const pool = { ...somePool(seed), workerPerCall: between(0.003, 0.05), guestWait: 0, inFlight: 64 };
      return { ...withRing(pool, { share: between(0.03, 0.6) }), noise: usualNoise };
    },
  };
}

function pool(
  name: string,
  guests: string,
  differs: (between: (low: number, high: number) => number) => Partial<Pool>,
): CatalogueWorld {
  return {
    name,
    about: `a pool on two to eight CPUs with ${guests}`,
    kind: 'pool',
    law: 'worker pool',
    goal: throughput,
    spec: (seed) => {
      const random = randomStream(seed, name);
      const between = (low: number, high: number) => low * (high / low) ** random();
      return {
        ...poolWorld({ ...somePool(seed), ...differs(between) }),
        knobs: [threadsKnob, batchKnob],
        noise: usualNoise,
      };
    },
  };
}

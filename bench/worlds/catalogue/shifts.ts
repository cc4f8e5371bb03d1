/** Worlds whose best setting moves while they run. */
import { randomStream } from '../../../src/foundation/random.ts';
import { poolWorld, threadsKnob } from '../pool.ts';
import type { WorldSpec } from '../spec.ts';
import { hump } from '../surfaces.ts';
import { type CatalogueWorld, concurrency, everyMs, meanLatency, throughput, usualNoise } from './entry.ts';

/** The two best settings of these worlds: at first, and after the shift. */
const [first, then] = [8, 48];
const firstShiftMs = 600_000;
/** Two windows of the usual length and what is thrown away before each. */
const cadenceMs = 1100;

export const shifts: readonly CatalogueWorld[] = [
  moving('shift-step', 'the best moves once, after ten minutes', (atMs) => (atMs < firstShiftMs ? first : then), {
    changes: everyMs(firstShiftMs),
  }),
  moving('shift-ramp', 'the best moves bit by bit, from ten minutes to twenty', (atMs) => {
    const part = Math.min(1, Math.max(0, atMs / firstShiftMs - 1));
    return first * (then / first) ** part;
  }),
  moving('shift-flip', 'the best moves to and fro every five minutes', inTurn(300_000), { changes: everyMs(300_000) }),
  moving('shift-hourly', 'the best moves to and fro every hour', inTurn(3_600_000), { changes: everyMs(3_600_000) }),
  moving(
    'shift-at-cadence',
    'the best moves with every window of a pair, so that a pair sees it to and fro',
    inTurn(cadenceMs / 2),
    {
      changes: everyMs(cadenceMs / 2),
    },
  ),
  {
    name: 'shift-load',
    about: 'twice as many calls come after ten minutes, which the width that was best cannot serve as quickly',
    kind: 'shift',
    law: 'hump',
    goal: meanLatency,
    spec: () => ({
      knobs: [concurrency(first)],
      load: { kind: 'open', perSecond: (atMs) => (atMs < firstShiftMs ? 500 : 1000) },
      law: ({ concurrency: width }, atMs) => ({
        perSecond: atMs < firstShiftMs ? 1200 * hump(Number(width), first, 3) : 1800 * hump(Number(width), then, 2.5),
        waitShare: 0.5,
      }),
      noise: usualNoise,
      changes: everyMs(firstShiftMs),
    }),
  },
  {
    name: 'shift-cpus',
    about: 'a pool that computes loses six of its eight CPUs after ten minutes, and has them again after twenty',
    kind: 'shift',
    law: 'worker pool',
    goal: throughput,
    spec: (seed) => {
      const workerPerCall = 0.5 + randomStream(seed, 'shift-cpus')();
      const pool = {
        inFlight: 64,
        hostPerBatch: 0.03,
        hostPerCall: 0.005,
        wakeUp: 0.03,
        workerPerBatch: 0.02,
        workerPerCall,
        guestWait: workerPerCall,
        guestShare: 0.9,
      };
      const [many, few] = [poolWorld({ ...pool, cores: 8 }).law, poolWorld({ ...pool, cores: 2 }).law];
      const hasFew = (atMs: number) => Math.floor(atMs / firstShiftMs) === 1;
      return {
        knobs: [threadsKnob],
        load: { kind: 'closed', inFlight: pool.inFlight },
        law: ({ threads = 1 }, atMs, past) => (hasFew(atMs) ? few : many)({ threads, batchSize: 1 }, atMs, past),
        cpus: (atMs) => (hasFew(atMs) ? 2 : 8),
        noise: usualNoise,
        changes: everyMs(firstShiftMs),
      };
    },
  },
];

function inTurn(lengthMs: number): (atMs: number) => number {
  return (atMs) => (Math.floor(atMs / lengthMs) % 2 === 0 ? first : then);
}

function moving(
  name: string,
  about: string,
  bestAt: (atMs: number) => number,
  differs: Pick<WorldSpec, 'changes'> = {},
): CatalogueWorld {
  return {
    name,
    about,
    kind: 'shift',
    law: 'hump',
    goal: throughput,
    spec: () => ({
      knobs: [concurrency(first)],
      load: { kind: 'closed', inFlight: 64 },
      law: ({ concurrency: width }, atMs) => ({
        perSecond: 2500 * hump(Number(width), bestAt(atMs), 2),
        waitShare: 0.5,
      }),
      noise: usualNoise,
      ...differs,
    }),
  };
}

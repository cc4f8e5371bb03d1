/**
 * What the call path is measured with: for each workload a closed loop, the ways of reaching the guest
 * that are compared, ours first, and the figures read from the same windows.
 */
import type { AgainstFigure } from '../against-figure.ts';
import type { Figure } from '../figure.ts';
import type { ArmSpec } from './arms.ts';
import type { ClosedLoop } from './load.ts';

export interface Workload {
  /** Begins the names of its figures. */
  readonly id: string;
  readonly load: ClosedLoop;
  /** Arm → how it is opened. The first is ours. */
  readonly arms: Readonly<Record<string, ArmSpec>>;
  readonly figures: readonly WorkloadFigure[];
}

interface WorkloadFigure extends Pick<AgainstFigure, 'number' | 'kind'> {
  /** @defaultValue the workload's id and the number */
  readonly name?: string;
  readonly figure: Pick<Figure, 'unit' | 'better' | 'targets'>;
}

/** About 0.1 µs and about 50 µs. */
const tiny = 100;
const heavy = 50_000;

const ours = (threads: number, batchSize: number, measure = true): ArmSpec => ({
  kind: 'sandbox',
  threads,
  batchSize,
  measure,
});
const piscina = (threads: number): ArmSpec => ({ kind: 'piscina', threads });
const batchedPiscina = (threads: number, batchSize: number): ArmSpec => ({
  kind: 'batched-piscina',
  threads,
  batchSize,
});
const postMessage = (threads: number): ArmSpec => ({ kind: 'post-message', threads });

const many = { inFlight: 256, timedEvery: 4 };
const rate = (targets?: Figure['targets']): WorkloadFigure => ({
  number: 'calls-per-s',
  kind: 'centre',
  figure: { unit: 'calls/s', better: 'higher', ...(targets && { targets }) },
});
const time = (number: string, unit: string, targets?: Figure['targets']): WorkloadFigure => ({
  number,
  kind: 'centre',
  figure: { unit, better: 'lower', ...(targets && { targets }) },
});
const tail: WorkloadFigure = { number: 'p99-us', kind: 'tail', figure: { unit: 'µs', better: 'lower' } };

/** A library that says which settings to use must not be slower than the loop it replaces. */
const noSlowerThan = (of: string | readonly string[]): Figure['targets'] => [{ op: '>=', value: 1, of }];

/** One call a message, many calls a message, and work that is worth a thread. */
export const throughput: readonly Workload[] = [
  {
    id: 'tiny',
    load: { turns: tiny, ...many },
    arms: { sandtune: ours(1, 1), piscina: piscina(1), 'post-message': postMessage(1) },
    figures: [rate(noSlowerThan('piscina')), tail],
  },
  {
    id: 'tiny-batched',
    load: { turns: tiny, ...many, timedEvery: 16 },
    arms: {
      sandtune: ours(1, 64),
      'piscina-batched-64': batchedPiscina(1, 64),
      'sandtune-not-measuring': ours(1, 64, false),
    },
    figures: [rate(noSlowerThan('piscina-batched-64')), tail],
  },
  {
    id: '50us',
    load: { turns: heavy, ...many, timedEvery: 1 },
    arms: {
      sandtune: ours(2, 16),
      piscina: piscina(2),
      'piscina-batched-16': batchedPiscina(2, 16),
      'post-message': postMessage(2),
    },
    figures: [rate(noSlowerThan(['piscina', 'piscina-batched-16'])), tail],
  },
];

/** One call at a time. */
export const roundTrip: readonly Workload[] = [
  {
    id: 'round-trip',
    load: { turns: tiny, inFlight: 1, timedEvery: 1 },
    arms: { sandtune: ours(1, 1), piscina: piscina(1), 'post-message': postMessage(1) },
    figures: [time('p50-us', 'µs', [{ op: '<=', value: 1, of: 'piscina' }]), tail],
  },
];

/** Two workers with as many calls in flight as keep them busy, over memory that they share with the host. */
const pools: Readonly<Record<string, ArmSpec>> = {
  piscina: piscina(2),
  tinypool: { kind: 'tinypool', threads: 2 },
  'jest-worker': { kind: 'jest-worker', threads: 2 },
  workerpool: { kind: 'workerpool', threads: 2 },
  poolifier: { kind: 'poolifier', threads: 2 },
  comlink: { kind: 'comlink', threads: 2 },
};
const ring = (threads: number): ArmSpec => ({ kind: 'ring', threads });
const named = (name: string, figure: WorkloadFigure): WorkloadFigure => ({ ...figure, name });
const sixtyFour = { inFlight: 64, timedEvery: 4 };

/** Calls of some length, beside piscina one by one and batched by hand, with how many times as many calls a second are wanted. */
function besideBatches(
  length: string,
  load: Workload['load'],
  wanted: { readonly piscina: number; readonly batched: number },
): Workload {
  return {
    id: `worker-${length}`,
    load,
    arms: { sandtune: ring(2), piscina: piscina(2), 'piscina-batched-16': batchedPiscina(2, 16) },
    figures: [
      named(
        `calls_per_s_worker_${length}`,
        rate([
          { op: '>=', value: wanted.piscina, of: 'piscina' },
          { op: '>=', value: wanted.batched, of: 'piscina-batched-16' },
        ]),
      ),
    ],
  };
}

/** What is wanted of it, beside pools as they come and loops written by hand. */
export const overRing: readonly Workload[] = [
  {
    id: 'worker-tiny',
    load: { turns: 1, ...sixtyFour },
    arms: { sandtune: ring(2), ...pools, 'piscina-batched-16': batchedPiscina(2, 16), 'post-message': postMessage(2) },
    figures: [
      named(
        'calls_per_s_worker_tiny',
        rate([
          { op: '>=', value: 10, of: Object.keys(pools) },
          { op: '>=', value: 20, of: 'piscina' },
          { op: '>=', value: 5, of: 'post-message' },
        ]),
      ),
    ],
  },
  {
    id: 'worker-tiny-1024',
    load: { turns: 1, inFlight: 1024, timedEvery: 16 },
    arms: { sandtune: ring(2), 'piscina-batched-256': batchedPiscina(2, 256) },
    figures: [named('calls_per_s_worker_tiny_1024', rate([{ op: '>=', value: 1, of: 'piscina-batched-256' }]))],
  },
  besideBatches('10us', { turns: 10_000, ...sixtyFour }, { piscina: 4, batched: 1.4 }),
  besideBatches('50us', { turns: heavy, inFlight: 64, timedEvery: 1 }, { piscina: 2.2, batched: 1.05 }),
  {
    id: 'worker-one',
    load: { turns: 1, inFlight: 1, timedEvery: 1 },
    arms: { sandtune: ring(1), piscina: piscina(1), 'post-message': postMessage(1) },
    figures: [
      named(
        'call_worker_us',
        time('p50-us', 'µs', [
          { op: '<=', value: 0.6, of: 'piscina' },
          { op: '<=', value: 1, of: 'post-message' },
        ]),
      ),
    ],
  },
];

/** The name of a figure of a workload. */
export function figureName({ id }: Workload, { name, number }: WorkloadFigure): string {
  return name ?? `${id}.${number}`;
}

/** What `wrap()` adds to what is there. */
export const wrapping: readonly Workload[] = [
  {
    id: 'wrapped-piscina',
    load: { turns: tiny, ...many },
    arms: { sandtune: { kind: 'wrapped-piscina', threads: 1 }, piscina: piscina(1) },
    figures: [rate(), tail],
  },
  {
    id: 'wrapped-function',
    load: { turns: tiny, inFlight: 1, timedEvery: 64 },
    arms: { sandtune: { kind: 'wrapped-function' }, 'bare-function': { kind: 'function' } },
    figures: [time('ns-per-call', 'ns')],
  },
];

/**
 * What the call path is measured with: for each workload a closed loop, the ways of reaching the guest
 * that are compared, ours first, and the figures read from the same windows.
 */
import type { AgainstFigure } from '../against-figure.ts';
import type { Figure } from '../figure.ts';
import type { ArmSpec } from './arms.ts';
import type { ClosedLoop } from './load.ts';

export interface Workload<A = ArmSpec, L = ClosedLoop> {
  /** Begins the names of its figures. */
  readonly id: string;
  readonly load: L;
  /** Arm → how it is opened. The first is ours. */
  readonly arms: Readonly<Record<string, A>>;
  readonly figures: readonly WorkloadFigure[];
}

export interface WorkloadFigure extends Pick<AgainstFigure, 'number' | 'kind'> {
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
export const rate = (targets?: Figure['targets']): WorkloadFigure => ({
  number: 'calls-per-s',
  kind: 'centre',
  figure: { unit: 'calls/s', better: 'higher', ...(targets && { targets }) },
});
export const time = (number: string, unit: string, targets?: Figure['targets']): WorkloadFigure => ({
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

/** The name of a figure of a workload. */
export function figureName({ id }: Pick<Workload, 'id'>, { name, number }: WorkloadFigure): string {
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

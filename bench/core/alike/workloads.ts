/**
 * Calls over memory that host and workers share, beside pools as they come and loops written by hand. Every call
 * of every arm carries the same (request.ts).
 */
import type { Figure } from '../../figure.ts';
import { rate, time, type Workload, type WorkloadFigure } from '../workloads.ts';
import type { AlikeSpec } from './arms.ts';
import type { AlikeLoad } from './load.ts';

export type AlikeWorkload = Workload<AlikeSpec, AlikeLoad>;

const ring = (threads: number, spinUs?: number): AlikeSpec => ({
  kind: 'ring',
  threads,
  ...(spinUs !== undefined && { spinUs }),
});
const piscina = (threads: number): AlikeSpec => ({ kind: 'piscina', threads });
const batched = (batchSize: number): AlikeSpec => ({ kind: 'batched-piscina', threads: 2, batchSize });
const postMessage = (threads: number): AlikeSpec => ({ kind: 'post-message', threads });
const bareRing = (threads: number, owner: 'piscina' | 'node' = 'piscina'): AlikeSpec => ({
  kind: 'bare-ring',
  threads,
  owner,
});
export const pools: Readonly<Record<string, AlikeSpec>> = {
  piscina: piscina(2),
  tinypool: { kind: 'tinypool', threads: 2 },
  'jest-worker': { kind: 'jest-worker', threads: 2 },
  workerpool: { kind: 'workerpool', threads: 2 },
  poolifier: { kind: 'poolifier', threads: 2 },
  comlink: { kind: 'comlink', threads: 2 },
};
/** What is measured over many lengths of calls. */
export const curved: Readonly<Record<string, AlikeSpec>> = {
  sandtune: ring(2),
  'in-thread': { kind: 'in-thread' },
  ...pools,
  'piscina-batched-16': batched(16),
  'post-message': postMessage(2),
};
export const alone = (threads: number) => ({ kind: 'guest-alone', threads }) as const;
const named = (name: string, figure: WorkloadFigure): WorkloadFigure => ({ ...figure, name });
const sixtyFour = { inFlight: 64, timedEvery: 4 };
/** About 10 µs and about 50 µs. */
const [brief, heavy] = [10_000, 50_000];

/** Calls of some length, beside piscina one by one and batched by hand, with how many times as many calls a second are wanted. */
function besideBatches(
  length: string,
  load: AlikeLoad,
  wanted: { readonly piscina: number; readonly batched: number },
): AlikeWorkload {
  const hand = ['piscina-batched-16', 'piscina-batched-32'];
  return {
    id: `worker-${length}`,
    load,
    arms: {
      sandtune: ring(2),
      piscina: piscina(2),
      'piscina-batched-16': batched(16),
      'piscina-batched-32': batched(32),
    },
    figures: [
      named(
        `calls_per_s_worker_${length}`,
        rate([
          { op: '>=', value: wanted.piscina, of: 'piscina' },
          { op: '>=', value: wanted.batched, of: hand },
        ]),
      ),
    ],
  };
}

const besideTransfer: Figure['targets'] = [
  { op: '>=', value: 5, of: 'piscina' },
  { op: '>=', value: 1.3, of: 'transfer' },
];

/** 64 KiB in and out, beside messages whose bytes are cloned, and such whose bytes change hands. */
function ofManyBytes(
  name: string,
  results: { readonly results?: 'into' | 'lease' },
  targets: Figure['targets'],
): AlikeWorkload {
  return {
    id: `worker-${name.replace('_', '-')}`,
    load: { turns: 0, bytes: 65_536, inFlight: 16, timedEvery: 1 },
    arms: {
      sandtune: { kind: 'ring', threads: 2, arguments: 'lent', ...results },
      piscina: piscina(2),
      'post-message': postMessage(2),
      transfer: { kind: 'transfer', threads: 2 },
      'bare-copies': { kind: 'bare-copies', threads: 2, results: results.results ?? 'into' },
    },
    figures: [named(`calls_per_s_worker_${name}`, rate(targets))],
  };
}

export const overRing: readonly AlikeWorkload[] = [
  {
    id: 'worker-tiny',
    load: { turns: 1, ...sixtyFour },
    arms: {
      sandtune: ring(2),
      ...pools,
      'piscina-batched-16': batched(16),
      'post-message': postMessage(2),
      'bare-ring': bareRing(2),
      'bare-ring-of-node': bareRing(2, 'node'),
    },
    figures: [
      named(
        'calls_per_s_worker_tiny',
        rate([
          { op: '>=', value: 10, of: Object.keys(pools) },
          { op: '>=', value: 20, of: 'piscina' },
          { op: '>=', value: 5, of: 'post-message' },
          { op: '>=', value: 0.5, of: 'bare-ring' },
        ]),
      ),
    ],
  },
  {
    id: 'worker-tiny-1024',
    load: { turns: 1, inFlight: 1024, timedEvery: 16 },
    arms: { sandtune: ring(2), 'piscina-batched-256': batched(256) },
    figures: [named('calls_per_s_worker_tiny_1024', rate([{ op: '>=', value: 1, of: 'piscina-batched-256' }]))],
  },
  besideBatches('10us', { turns: brief, ...sixtyFour }, { piscina: 4, batched: 1.4 }),
  besideBatches('50us', { turns: heavy, inFlight: 64, timedEvery: 1 }, { piscina: 2.2, batched: 1.05 }),
  {
    id: 'worker-1kib',
    load: { turns: 0, bytes: 1024, ...sixtyFour },
    arms: { sandtune: ring(2), piscina: piscina(2), 'post-message': postMessage(2) },
    figures: [named('calls_per_s_worker_1kib', rate([{ op: '>=', value: 6, of: 'piscina' }]))],
  },
  ofManyBytes('64kib', {}, [{ op: '>=', value: 2.5, of: 'piscina' }]),
  ofManyBytes('64kib_into', { results: 'into' }, besideTransfer),
  ofManyBytes('64kib_region', { results: 'lease' }, besideTransfer),
  {
    id: 'worker-one',
    load: { turns: 1, inFlight: 1, timedEvery: 1 },
    arms: {
      sandtune: ring(1),
      piscina: piscina(1),
      'post-message': postMessage(1),
      'bare-ring': bareRing(1),
      'bare-ring-of-node': bareRing(1, 'node'),
    },
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
  {
    id: 'worker-one-spinning',
    load: { turns: 1, inFlight: 1, timedEvery: 1 },
    arms: { sandtune: ring(1, 1000), piscina: piscina(1) },
    figures: [
      named('call_worker_spinning_us', time('p50-us', 'µs', [{ op: '<=', value: 4 }])),
      { ...named('call_worker_spinning_p99_us', time('p99-us', 'µs', [{ op: '<=', value: 30 }])), kind: 'tail' },
    ],
  },
];

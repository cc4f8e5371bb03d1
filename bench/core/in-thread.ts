/** Calls in the thread of their caller: what one takes of its CPU time, measured and not. */
import { openRemoteArm, ourPackage } from '../arms/remote-arm.ts';
import { type Arms, Comparison } from '../compare.ts';
import { meanOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import { comparedFigure } from '../ratio.ts';
import type { Group, SuiteLength } from '../suite.ts';
import { guestBytes } from './guest.ts';
import type { InThreadSpec } from './in-thread-arms.ts';

const plans: Readonly<Record<SuiteLength, { readonly blocks: number; readonly rounds: number }>> = {
  quick: { blocks: 2, rounds: 3 },
  full: { blocks: 7, rounds: 6 },
  long: { blocks: 40, rounds: 8 },
};
const windowMs = 50;
const ways = {
  sync: { way: 'sync', measure: true },
  'sync-not-measuring': { way: 'sync', measure: false },
  awaited: { way: 'awaited', measure: true },
  'awaited-not-measuring': { way: 'awaited', measure: false },
  'host-of-workers': { way: 'worker', measure: true },
  'host-of-workers-not-measuring': { way: 'worker', measure: false },
  'books-measuring': { way: 'books', measure: true },
  'books-not-measuring': { way: 'books', measure: false },
  'otel-histogram': { way: 'otel-histogram', measure: true },
  'a-promise': { way: 'promise', measure: false },
  'raw-export': { way: 'raw', measure: false },
  'raw-export-awaited': { way: 'raw-awaited', measure: false },
} as const satisfies Readonly<Record<string, Omit<InThreadSpec, 'bytes'>>>;

export const inThread: Group = {
  about: 'calls in the thread of their caller, and what sending one to a worker takes of it: CPU time a call',
  run: async ({ length, seed, signal, progress }) => {
    const bytes = await guestBytes();
    const module = new URL('./in-thread-arms.ts', import.meta.url);
    const arms: Arms = Object.fromEntries(
      Object.entries(ways).map(([name, way]) => [
        name,
        {
          open: () =>
            openRemoteArm({
              module,
              spec: { ...way, bytes } satisfies InThreadSpec,
              package: ourPackage,
              ...(signal && { signal }),
            }),
        },
      ]),
    );
    const { blocks, rounds } = plans[length];
    progress('calls in the thread of their caller');
    const comparison = new Comparison(arms, {
      warmUpMs: 4 * windowMs,
      rounds,
      windowMs,
      seed,
      ...(signal && { signal }),
    });
    if (length !== 'quick') await comparison.measurePilot();
    await comparison.measure(blocks);
    const figure = (name: string, ours: keyof typeof ways, peers: readonly string[], most?: number): Figure => ({
      name,
      unit: 'ns',
      better: 'lower',
      ...(most !== undefined && { targets: [{ op: '<=', value: most }] }),
      ...comparedFigure(comparison, 'cpu-ns-per-call', ours, peers),
    });
    /** What a call's books take beyond the promise that any caller needs. */
    const beyondPromise = (name: string, ours: keyof typeof ways, most: number): Figure => {
      const promise = comparison.values('cpu-ns-per-call', 'a-promise');
      const peers = { 'otel-histogram': meanOf(comparison.values('cpu-ns-per-call', 'otel-histogram')).value };
      const taken = comparison.values('cpu-ns-per-call', ours).map((ns, block) => ns - (promise[block] ?? Number.NaN));
      return { name, unit: 'ns', better: 'lower', targets: [{ op: '<=', value: most }], ...meanOf(taken), peers };
    };
    return [
      figure('call_inthread_ns', 'sync', ['raw-export', 'sync-not-measuring'], 150),
      figure('call_inthread_awaited_ns', 'awaited', ['raw-export-awaited', 'awaited-not-measuring'], 250),
      beyondPromise('measure_ns_per_call_on', 'books-measuring', 200),
      beyondPromise('measure_ns_per_call_off', 'books-not-measuring', 60),
      figure('host_ns_per_worker_call', 'host-of-workers', ['host-of-workers-not-measuring']),
    ];
  },
};

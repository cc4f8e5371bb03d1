/**
 * The adaptive controller of a stream beside the best of a grid of fixed settings, in virtual time: the stream is the
 * real one, and only its clock and the service that it calls are made. A step in what the service costs follows.
 *
 *   0 s ───── settling ───── 10 s ── measured ── 14 s: the cost × 4 ── how soon as good as the best then? ── 30 s
 */
import { measured } from 'sandtune';
import {
  createStreamProcessor,
  functionSink,
  iterableSource,
  type RecordBatch,
  type StreamOptions,
} from 'sandtune/stream';
import { randomStream } from '../../src/foundation/random.ts';
import { mean } from '../../tuner/trial/statistics.ts';
import { meanOf } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import type { SuiteLength, SuiteOptions } from '../suite.ts';
import { manualTime } from '../worlds/manual-time.ts';
import { type CallCost, type ServiceKind, service } from './service.ts';

const services: Readonly<Record<string, ServiceKind>> = {
  waiting: { servers: 12, kind: 'waits', cost: { fixedMs: 10, perRecordMs: 0.5 }, spread: 0.2 },
  cpu: { servers: 4, kind: 'cpu', cost: { fixedMs: 1, perRecordMs: 0.2 }, spread: 0.2 },
  'cpu-dear-calls': { servers: 2, kind: 'cpu', cost: { fixedMs: 2, perRecordMs: 0.1 }, spread: 0.1 },
};
const lanes = [1, 2, 4, 8, 16, 32];
const batches = [1, 4, 16, 64, 256];
/** The bounds of the controller are the largest of the grid. */
const bounds: Setting = { maxConcurrency: 32, batchRecords: 256 };
const stepFactor = 4;
const settledMs = 10_000;
const stepAtMs = 14_000;
const endMs = 30_000;
const gridMs = [1000, 4000] as const;
const bucketMs = 250;
const asGood = 0.95;
/** It is as good from when on the mean over so long is; calls that began before the step are gone after `staleMs`. */
const heldMs = 3000;
const staleMs = 1000;
const seedsOf: Readonly<Record<SuiteLength, number>> = { quick: 2, full: 12, long: 40 };
const record = new Uint8Array(16);
const piece = Array.from({ length: 64 }, () => record);

type Setting = Required<Pick<StreamOptions, 'maxConcurrency' | 'batchRecords'>>;

interface Run {
  readonly kind: ServiceKind;
  readonly seed: number;
  readonly setting: Setting;
  readonly backpressure: 'block' | 'adaptive';
  readonly endMs: number;
  /** What it costs from a moment on. */
  readonly step?: { readonly atMs: number; readonly cost: CallCost };
}

/** Records that were delivered, by buckets of time. */
async function deliveredIn({ kind, seed, setting, backpressure, endMs, step }: Run): Promise<readonly number[]> {
  const { clock, timers, surroundings } = manualTime();
  const random = randomStream(seed, 'service');
  const served = service(kind, { clock, timers, random });
  const called = measured({
    name: 'service',
    run: async (batch: RecordBatch) => {
      if (step && clock.now() >= step.atMs) served.cost = step.cost;
      await served.call(batch.ends.length);
      return batch;
    },
  });
  const stream = createStreamProcessor(called, {
    ...setting,
    takes: 'batch',
    ordering: 'none',
    backpressure,
    surroundings: { ...surroundings, randomSource: randomStream(seed, 'stream') },
  });
  const counts = Array.from({ length: Math.ceil(endMs / bucketMs) }, () => 0);
  function* source() {
    while (clock.now() < endMs) yield piece;
  }
  const count = (records: readonly unknown[]) => {
    const bucket = Math.floor(clock.now() / bucketMs);
    if (bucket < counts.length) counts[bucket] = (counts[bucket] as number) + records.length;
  };
  await stream.run(iterableSource(source, { gives: 'records' }), functionSink(count, { borrows: true }));
  return counts;
}

const rateOver = (counts: readonly number[], fromMs: number, toMs: number) =>
  mean(counts.slice(fromMs / bucketMs, toMs / bucketMs)) / bucketMs;

/** The setting of the grid that delivers most. */
async function bestOf(kind: ServiceKind, seed: number): Promise<Setting> {
  let best: { readonly setting: Setting; readonly rate: number } | undefined;
  for (const maxConcurrency of lanes)
    for (const batchRecords of batches) {
      const setting = { maxConcurrency, batchRecords };
      const counts = await deliveredIn({ kind, seed, setting, backpressure: 'block', endMs: gridMs[1] });
      const rate = rateOver(counts, ...gridMs);
      if (!best || rate > best.rate) best = { setting, rate };
    }
  return best?.setting as Setting;
}

/** How long after the step its mean over `heldMs` was as good for the first time; infinite where it never was. */
function readaptedMs(counts: readonly number[], wanted: number): number {
  for (let ms = stepAtMs + staleMs; ms + heldMs <= endMs; ms += bucketMs)
    if (rateOver(counts, ms, ms + heldMs) >= wanted) return ms - stepAtMs;
  return Number.POSITIVE_INFINITY;
}

export async function controllerFigures(options: SuiteOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const all = Object.entries(services);
  for (const [name, kind] of options.length === 'quick' ? all.slice(0, 1) : all)
    figures.push(...(await figuresOf(name, kind, options)));
  return figures;
}

async function figuresOf(
  name: string,
  kind: ServiceKind,
  { length, seed, seeds = seedsOf[length], progress, signal }: SuiteOptions,
): Promise<readonly Figure[]> {
  const { fixedMs, perRecordMs } = kind.cost;
  const dearer: ServiceKind = {
    ...kind,
    cost: { fixedMs: stepFactor * fixedMs, perRecordMs: stepFactor * perRecordMs },
  };
  const setting = await bestOf(kind, seed);
  const settingThen = await bestOf(dearer, seed);
  const fractions: number[] = [];
  const readaptS: number[] = [];
  for (let own = seed + 1; own <= seed + seeds; own++) {
    signal?.throwIfAborted();
    const fixed = { seed: own, backpressure: 'block', endMs: stepAtMs } as const;
    const best = rateOver(await deliveredIn({ ...fixed, kind, setting }), settledMs, stepAtMs);
    const bestThen = rateOver(await deliveredIn({ ...fixed, kind: dearer, setting: settingThen }), settledMs, stepAtMs);
    const step = { atMs: stepAtMs, cost: dearer.cost };
    const counts = await deliveredIn({ kind, seed: own, setting: bounds, backpressure: 'adaptive', endMs, step });
    fractions.push(rateOver(counts, settledMs, stepAtMs) / best);
    readaptS.push(Math.min(readaptedMs(counts, asGood * bestThen), endMs - stepAtMs) / 1000);
    progress(`stream: controller: ${name}, seed ${own}: ${fractions.at(-1)?.toFixed(3)}, ${readaptS.at(-1)} s`);
  }
  return [
    {
      name: `controller_fraction_of_best-${name}`,
      unit: `of the throughput of ${setting.maxConcurrency} lanes × ${setting.batchRecords}, the best of a grid`,
      better: 'higher',
      targets: [{ op: '>=', value: asGood }],
      ...meanOf(fractions),
    },
    {
      name: `controller_readapt_s-${name}`,
      unit: 's',
      better: 'lower',
      targets: [{ op: '<=', value: 5 }],
      ...meanOf(readaptS),
    },
  ];
}

/**
 * Memory while 20 GB go through a stream whose sink becomes slow for a while, and then takes nothing more at all.
 * What is in flight then is memory that the user has granted (`bufferBytes`); the drift is what grows beside it.
 */
import { createStreamProcessor, functionSink, iterableSource } from 'sandtune/stream';
import { systemClock, systemTimers } from '../../src/foundation/clock.ts';
import type { Figure } from '../figure.ts';
import type { SuiteLength, SuiteOptions } from '../suite.ts';
import { batchesOf, type Load, openGuest } from './arms.ts';
import { listOf } from './records.ts';

interface Plan {
  readonly bytes: number;
  readonly slowMs: number;
  readonly deadMs: number;
  /** The generating ends before that where a machine is too slow for it, ms. */
  readonly mostMs: number;
}

const plans: Readonly<Record<SuiteLength, Plan>> = {
  quick: { bytes: 1e9, slowMs: 2000, deadMs: 2000, mostMs: 8000 },
  full: { bytes: 20e9, slowMs: 10_000, deadMs: 30_000, mostMs: 150_000 },
  long: { bytes: 20e9, slowMs: 10_000, deadMs: 30_000, mostMs: 600_000 },
};
const slower = 100;
const bufferBytes = 64 * 2 ** 20;
const mebibyte = 2 ** 20;
const lookMs = 50;

export async function driftFigures(name: string, load: Load, { length }: SuiteOptions): Promise<readonly Figure[]> {
  const plan = plans[length];
  await using sandbox = await openGuest(load.threads);
  const stream = createStreamProcessor(sandbox, { ...batchesOf(load), bufferBytes });
  let state: 'fast' | 'slow' | 'dead' | 'over' = 'fast';
  let [generated, msPerByte] = [0, 0];
  const revived = Promise.withResolvers<void>();
  function* generating(): Generator<Uint8Array[]> {
    const list = listOf(load.recordBytes);
    while (state !== 'over') {
      generated += list.length * load.recordBytes;
      yield list;
    }
  }
  const sink = functionSink(
    async (records) => {
      if (state === 'dead') return revived.promise;
      if (state !== 'slow') return;
      const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
      await systemTimers.sleep(slower * bytes * msPerByte, { keepAlive: true });
    },
    { borrows: true },
  );
  const startMs = systemClock.now();
  const running = stream.run(iterableSource(generating, { gives: 'records' }), sink);
  const looks: Record<'fast' | 'slow' | 'dead', { readonly rss: number; readonly inFlight: number }[]> = {
    fast: [],
    slow: [],
    dead: [],
  };
  const lookFor = async (during: keyof typeof looks, isOver: () => boolean) => {
    state = during;
    while (!isOver()) {
      await Promise.race([systemTimers.sleep(lookMs, { keepAlive: true }), running]);
      looks[during].push({ rss: process.memoryUsage.rss(), inFlight: stream.progress().inFlightBytes });
    }
  };
  const after = (ms: number) => {
    const endMs = systemClock.now() + ms;
    return () => systemClock.now() >= endMs;
  };
  const isLate = after(plan.mostMs);
  await lookFor('fast', () => generated >= plan.bytes || isLate());
  msPerByte = (systemClock.now() - startMs) / generated;
  await lookFor('slow', after(plan.slowMs));
  await lookFor('dead', after(plan.deadMs));
  state = 'over';
  revived.resolve();
  const { peakBytes } = await running;
  // Of the second half of the fast time: buffers, heap and compilers have what they need by then.
  const settled = looks.fast.slice(looks.fast.length >> 1).map(({ rss, inFlight }) => rss - inFlight);
  const base = settled.reduce((sum, one) => sum + one, 0) / settled.length;
  const later = [...looks.slow, ...looks.dead];
  const drift = Math.max(...later.map(({ rss, inFlight }) => rss - inFlight - base)) / mebibyte;
  const highest = (looked: readonly { readonly rss: number }[]) => Math.max(...looked.map(({ rss }) => rss));
  return [
    {
      name: `stream_rss_drift_mib.${name}`,
      unit: 'MiB',
      better: 'lower',
      targets: [{ op: '<=', value: 32, on: 'value' }],
      value: drift,
      samples: later.length,
    },
    {
      name: `stream_rss_growth_mib.${name}`,
      unit: 'MiB, with what is in flight',
      better: 'lower',
      value: (highest(later) - highest(looks.fast)) / mebibyte,
      samples: later.length,
    },
    {
      name: `stream_generated_gb.${name}`,
      unit: 'GB',
      better: 'higher',
      value: generated / 1e9,
      samples: 1,
    },
    {
      name: `stream_peak_of_budget.${name}`,
      unit: 'of bufferBytes',
      better: 'lower',
      targets: [{ op: '<=', value: 1, on: 'value' }],
      value: peakBytes / bufferBytes,
      samples: 1,
    },
  ];
}

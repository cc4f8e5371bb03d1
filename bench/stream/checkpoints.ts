/** What checkpoints of a guest's state cost, how long they hold it up, and how soon a run goes on from one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createStreamProcessor,
  fileSink,
  functionSink,
  iterableSource,
  keepGuestStates,
  lengthPrefixed,
  type OpenSink,
  type Sink,
} from 'sandtune/stream';
import { systemClock, systemTimers } from '../../src/foundation/clock.ts';
import { databaseCheckpoints } from '../../src/stream/index.ts';
import { Comparison } from '../compare.ts';
import { meanOf, quantile } from '../estimate.ts';
import type { Figure } from '../figure.ts';
import { ratioOf } from '../ratio.ts';
import type { SuiteLength, SuiteOptions } from '../suite.ts';
import { batchesOf, durable, type Load, openGuest, ours } from './arms.ts';
import { Tap } from './tap.ts';

const mebibyte = 2 ** 20;
const load: Load = { recordBytes: 256, threads: 1, batchRecords: 256 };
const pairs: Readonly<Record<SuiteLength, number>> = { quick: 2, full: 100, long: 200 };
const windowMs = 2000;
/** Checkpoints follow each other faster than they would, so that there are enough of them. */
const pauseIntervalMs = 50;
const pauseCounts: Readonly<Record<SuiteLength, number>> = { quick: 20, full: 400, long: 2000 };
const restarts: Readonly<Record<SuiteLength, number>> = { quick: 2, full: 20, long: 100 };
const firsts: Readonly<Record<SuiteLength, number>> = { quick: 20, full: 400, long: 2000 };

/** What a checkpoint of 1 MiB a second takes of the throughput. */
export async function costFigure({ length, seed, signal }: SuiteOptions): Promise<Figure> {
  const stateBytes = mebibyte;
  const comparison = new Comparison(
    {
      ours: ours(load, { stateBytes, ends: () => durable('files') }),
      none: ours(load, { stateBytes }),
    },
    { warmUpMs: windowMs / 2, rounds: 1, windowMs, seed, ...(signal && { signal }) },
  );
  await comparison.measurePilot();
  await comparison.measure(pairs[length]);
  const { value, samples, ci95 } = ratioOf(comparison, 'recordsPerS', 'ours', 'none');
  return {
    name: 'checkpoint_cost_fraction',
    unit: 'of the throughput',
    better: 'lower',
    targets: [{ op: '<=', value: 0.02 }],
    value: 1 - value,
    samples,
    ...(ci95 && { ci95: [1 - ci95[1], 1 - ci95[0]] as const }),
  };
}

/** How long no guest may be entered, for each of many checkpoints of 1 MiB under load. */
export async function pauseFigures({ length }: SuiteOptions): Promise<readonly Figure[]> {
  await using sandbox = await openGuest(load.threads, mebibyte);
  await using ends = await durable('files');
  const stream = createStreamProcessor(sandbox, { ...batchesOf(load), checkpointIntervalMs: pauseIntervalMs });
  const tap = new Tap(load.recordBytes);
  const guestState = keepGuestStates(sandbox);
  const running = stream.run(tap.source, ends.sink, { ...ends.run, guestState });
  const flowing = tap.run(Number.POSITIVE_INFINITY);
  const pauses: number[] = [];
  let before = stream.progress();
  while (pauses.length < pauseCounts[length]) {
    await Promise.race([systemTimers.sleep(5, { keepAlive: true }), running]);
    const now = stream.progress();
    const taken = now.checkpoints - before.checkpoints;
    // Two between two looks count as two of the same length.
    if (taken > 0 && before.checkpoints > 0)
      for (let i = 0; i < taken; i++) pauses.push((now.heldMs - before.heldMs) / taken);
    if (taken > 0) before = now;
  }
  tap.end();
  void flowing;
  await running;
  const figure = { unit: 'ms', better: 'lower' } as const;
  return [
    {
      name: 'checkpoint_pause_ms_p99',
      ...figure,
      targets: [{ op: '<=', value: 5 }],
      ...quantileOf(pauses, 0.99),
    },
    { name: 'checkpoint_pause_ms_p50', ...figure, ...quantileOf(pauses, 0.5) },
  ];
}

/** From asking for a first result to having it, of a processor that has run before. */
export async function firstRecordFigures({ length }: SuiteOptions): Promise<readonly Figure[]> {
  await using sandbox = await openGuest(load.threads);
  const stream = createStreamProcessor(sandbox, batchesOf(load));
  const record = new Uint8Array(load.recordBytes);
  const times: number[] = [];
  for (let i = 0; i < firsts[length] + 10; i++) {
    const startMs = systemClock.now();
    for await (const _ of stream.process([record, record, record])) {
      times.push(systemClock.now() - startMs);
      break;
    }
  }
  const figure = { unit: 'ms', better: 'lower' } as const;
  return [
    { name: 'time_to_first_record_ms', ...figure, targets: [{ op: '<=', value: 5 }], ...meanOf(times.slice(10)) },
    { name: 'time_to_first_record_ms_p50', ...figure, ...quantileOf(times.slice(10), 0.5) },
  ];
}

/**
 * From a process that is ready, guests and all, to the first new output of a run that goes on from a checkpoint: that
 * a function was given, or that is written to a file, of which a run first says in a checkpoint that it is its own.
 */
export async function recoveryFigure(
  into: 'function' | 'file',
  stateBytes: number,
  most: number,
  { length }: SuiteOptions,
): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'sandtune-bench-'));
  try {
    const file = join(folder, 'checkpoints.sqlite');
    const records = Array.from({ length: 4 }, () => new Uint8Array(load.recordBytes));
    const times: number[] = [];
    for (let life = 0; life <= restarts[length]; life++) {
      await using sandbox = await openGuest(1, stateBytes);
      const stream = createStreamProcessor(sandbox, { ...batchesOf(load), framing: lengthPrefixed() });
      const checkpoints = databaseCheckpoints(file, { keep: 1, longestChain: 0 });
      const source = iterableSource(() => Array.from({ length: life + 1 }, () => records), { gives: 'records' });
      const startMs = systemClock.now();
      let firstMs: number | undefined;
      const came = () => {
        firstMs ??= systemClock.now() - startMs;
      };
      const sink = into === 'function' ? functionSink(came) : told(fileSink(join(folder, 'out')), came);
      const { resumedFrom } = await stream.run(source, sink, {
        checkpoints,
        job: 'recovery',
        guestState: keepGuestStates(sandbox),
      });
      await checkpoints.close();
      // The first life begins; its state is that from which the others go on.
      if (life === 0) continue;
      if (resumedFrom === null || firstMs === undefined)
        throw new Error('expected a life to go on and to give something');
      times.push(firstMs);
    }
    return {
      name: `recovery_ms.${Math.round(stateBytes / mebibyte)}-mib${into === 'file' ? '-file' : ''}`,
      unit: 'ms',
      better: 'lower',
      targets: [{ op: '<=', value: most }],
      ...meanOf(times),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param came is told of each write once it is done */
function told(sink: Sink, came: () => void): Sink {
  return {
    ...sink,
    open: async (given) => {
      const open = await sink.open(given);
      const write: OpenSink['write'] = async (records, ack) => {
        await open.write(records, ack);
        came();
      };
      return Object.assign(Object.create(open) as OpenSink, {
        write,
        flush: () => open.flush(),
        close: (error?: unknown) => open.close(error),
      });
    },
  };
}

/** A quantile, with the order statistics between which it lies at 95 %. @see Hahn, Meeker, Statistical Intervals, 5.2 */
function quantileOf(values: readonly number[], q: number): Pick<Figure, 'value' | 'samples' | 'ci95'> {
  const n = values.length;
  const half = (1.96 * Math.sqrt(q * (1 - q))) / Math.sqrt(n);
  const ends = [quantile(values, Math.max(0, q - half)), quantile(values, Math.min(1, q + half))] as const;
  return { value: quantile(values, q), samples: n, ci95: ends };
}

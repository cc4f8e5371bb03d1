/** Streams: records through a guest that gives them back, beside what people use, and what guarantees cost. */
import { type Arms, Comparison } from '../compare.ts';
import type { Figure, Target } from '../figure.ts';
import { comparedFigure } from '../ratio.ts';
import type { Group, Suite, SuiteLength, SuiteOptions } from '../suite.ts';
import { copies, durable, type Load, ours, readableMap, uncommitted, webTransform } from './arms.ts';
import { inTurn, overlapped } from './stages.ts';

const blocksOf: Readonly<Record<SuiteLength, number>> = { quick: 2, full: 12, long: 100 };
const small: Load = { recordBytes: 256, threads: 2, batchRecords: 1024 };
const large: Load = { recordBytes: 65_536, threads: 1, batchRecords: 16 };

interface Question {
  readonly name: string;
  readonly measures: 'recordsPerS' | 'gbPerS';
  readonly unit: string;
  readonly arms: Arms;
  readonly targets: readonly Target[];
  /** A checkpoint a second must be in it. */
  readonly windowMs: number;
}

export const stream: Suite = {
  about: 'records through a guest: beside copies, web streams and Readable.map(), and the cost of guarantees',
  groups: {
    small: group('records of 256 bytes in batches, on 2 workers', {
      name: 'stream_records_per_s',
      measures: 'recordsPerS',
      unit: 'records/s',
      arms: { ours: ours(small), 'readable-map': readableMap(small), web: webTransform(small) },
      targets: [
        { op: '>=', value: 500_000 },
        { op: '>=', value: 5, of: 'readable-map' },
        { op: '>=', value: 3, of: 'web' },
      ],
      windowMs: 300,
    }),
    identity: group('records of 64 KiB on 1 worker, beside the copies in and out alone', {
      name: 'stream_gbps_identity',
      measures: 'gbPerS',
      unit: 'GB/s',
      arms: { ours: ours(large), copies: copies(large), web: webTransform(large) },
      targets: [
        { op: '>=', value: 1 },
        { op: '>=', value: 0.5, of: 'copies' },
        { op: '>=', value: 0.9, of: 'web' },
      ],
      windowMs: 300,
    }),
    stages: group('three stages of one cost on 2 workers, all at once, beside one behind the other', {
      name: 'stream_stages_speedup',
      measures: 'recordsPerS',
      unit: 'records/s',
      arms: { ours: overlapped, 'in-turn': inTurn },
      targets: [{ op: '>=', value: 1.8, of: 'in-turn' }],
      windowMs: 300,
    }),
    acks: group('at-least-once with a checkpoint a second, beside no checkpoints', {
      name: 'ack_cost_ratio',
      measures: 'recordsPerS',
      unit: 'records/s',
      arms: { ours: ours(small, {}, () => durable('files')), none: ours(small) },
      targets: [{ op: '>=', value: 0.97, of: 'none' }],
      windowMs: 3000,
    }),
    'effectively-once': group('output and checkpoint in one transaction a second, beside a table without checkpoints', {
      name: 'effectively_once_cost_ratio',
      measures: 'recordsPerS',
      unit: 'records/s',
      arms: {
        ours: ours(small, { delivery: 'effectively-once' }, () => durable('database')),
        none: ours(small, {}, uncommitted),
      },
      targets: [{ op: '>=', value: 0.9, of: 'none' }],
      windowMs: 3000,
    }),
  },
};

function group(about: string, question: Question): Group {
  return {
    about,
    run: async (options) => {
      // A look is to end within a minute, and these windows are of seconds.
      if (options.length !== 'quick' || question.windowMs <= 1000) return [await figureOf(question, options)];
      options.progress(`stream: ${question.name} is left out of a quick run`);
      return [];
    },
  };
}

async function figureOf(question: Question, options: SuiteOptions): Promise<Figure> {
  const { name, measures, unit, arms, targets, windowMs } = question;
  const { length, seed, signal, progress } = options;
  const comparison = new Comparison(arms, {
    warmUpMs: windowMs,
    rounds: length === 'quick' ? 2 : 4,
    windowMs,
    seed,
    ...(signal && { signal }),
  });
  await comparison.measurePilot();
  await comparison.measure(blocksOf[length]);
  progress(`stream: ${name}: ${blocksOf[length]} pairs`);
  const peers = Object.keys(arms).filter((arm) => arm !== 'ours');
  return { name, unit, better: 'higher', targets, ...comparedFigure(comparison, measures, 'ours', peers) };
}

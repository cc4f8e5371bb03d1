/** Streams: records through a guest that gives them back, beside what people use, and what guarantees cost. */
import { type Arms, Comparison } from '../compare.ts';
import type { Figure, Target } from '../figure.ts';
import { comparedFigure } from '../ratio.ts';
import type { Group, Suite, SuiteLength, SuiteOptions } from '../suite.ts';
import { copies, durable, iterTransform, type Load, ours, readableMap, uncommitted, webTransform } from './arms.ts';
import { costFigure, firstRecordFigures, pauseFigures, recoveryFigure } from './checkpoints.ts';
import { controllerFigures } from './controller.ts';
import { driftFigures } from './memory.ts';
import { inTurn, overlapped, twiceInTurn } from './stages.ts';

/** Pairs: each is a fresh start of every arm, which take turns. */
const pairsOf: Readonly<Record<SuiteLength, number>> = { quick: 2, full: 100, long: 400 };
const small: Load = { recordBytes: 256, threads: 2, batchRecords: 1024 };
const large: Load = { recordBytes: 65_536, threads: 1, batchRecords: 16 };

interface Question {
  readonly name: string;
  readonly measures: 'recordsPerS' | 'gbPerS';
  readonly unit: string;
  readonly arms: Arms;
  readonly targets: readonly Target[];
  /** Of an arm in a pair; one of a second has a checkpoint in it. */
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
      windowMs: 200,
    }),
    identity: group('records of 64 KiB on 1 worker, beside the copies in and out alone', {
      name: 'stream_gbps_identity',
      measures: 'gbPerS',
      unit: 'GB/s',
      arms: { ours: ours(large), copies: copies(large), web: webTransform(large), iter: iterTransform(large) },
      targets: [
        { op: '>=', value: 1 },
        { op: '>=', value: 0.5, of: 'copies' },
        { op: '>=', value: 0.9, of: 'web' },
        { op: '>=', value: 0.8, of: 'iter' },
      ],
      windowMs: 200,
    }),
    stages: group('three stages of one cost on 2 workers, all at once, beside one behind the other', {
      name: 'stream_stages_speedup',
      measures: 'recordsPerS',
      unit: 'records/s',
      arms: { ours: overlapped, 'in-turn': inTurn, 'twice-in-turn': twiceInTurn },
      targets: [{ op: '>=', value: 1.8, of: 'in-turn' }],
      windowMs: 300,
    }),
    acks: group('at-least-once with a checkpoint a second, beside no checkpoints', {
      name: 'ack_cost_ratio',
      measures: 'recordsPerS',
      unit: 'records/s',
      arms: { ours: ours(small, { ends: () => durable('files') }), none: ours(small) },
      targets: [{ op: '>=', value: 0.97, of: 'none' }],
      windowMs: 2000,
    }),
    'effectively-once': group('output and checkpoint in one transaction a second, beside a table without checkpoints', {
      name: 'effectively_once_cost_ratio',
      measures: 'recordsPerS',
      unit: 'records/s',
      arms: {
        ours: ours(small, { options: { delivery: 'effectively-once' }, ends: () => durable('database') }),
        none: ours(small, { ends: uncommitted }),
      },
      targets: [{ op: '>=', value: 0.9, of: 'none' }],
      windowMs: 2000,
    }),
    checkpoints: {
      about: 'what checkpoints of 1 MiB of state cost, and how long they hold the guest up',
      run: async (options) => [await costFigure(options), ...(await pauseFigures(options))],
    },
    controller: {
      about:
        'the adaptive controller beside the best of a grid of fixed settings, and after a step in cost, in virtual time',
      run: controllerFigures,
    },
    memory: {
      about: 'memory beside what is in flight, while a sink is slow and then dead',
      run: async (options) => [
        ...(await driftFigures('large', large, options)),
        ...(await driftFigures('small', { ...small, threads: 1 }, { ...options, length: 'quick' })),
      ],
    },
    starts: {
      about: 'from a start to the first record: warm, and from a checkpoint of 1 and of 256 MiB',
      run: async (options) => [
        ...(await firstRecordFigures(options)),
        await recoveryFigure('function', 2 ** 20, 250, options),
        await recoveryFigure('file', 2 ** 20, 250, options),
        ...(options.length === 'quick'
          ? []
          : [
              await recoveryFigure('function', 256 * 2 ** 20, 1000, options),
              await recoveryFigure('file', 256 * 2 ** 20, 1000, options),
            ]),
      ],
    },
  },
};

function group(about: string, question: Question): Group {
  return { about, run: async (options) => [await figureOf(question, options)] };
}

async function figureOf(question: Question, options: SuiteOptions): Promise<Figure> {
  const { name, measures, unit, arms, targets, windowMs } = question;
  const { length, seed, signal, progress } = options;
  const comparison = new Comparison(arms, {
    warmUpMs: Math.min(windowMs, 300),
    rounds: 1,
    windowMs,
    seed,
    ...(signal && { signal }),
  });
  await comparison.measurePilot();
  await comparison.measure(pairsOf[length]);
  progress(`stream: ${name}: ${pairsOf[length]} pairs`);
  const peers = Object.keys(arms).filter((arm) => arm !== 'ours');
  return { name, unit, better: 'higher', targets, ...comparedFigure(comparison, measures, 'ours', peers) };
}

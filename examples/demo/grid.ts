/**
 * The grid a careful person would sweep by hand, and why that is not enough: the best of one pass
 * is best by luck too, so it is measured again, interleaved with the start and with what was chosen.
 */
import type { Executor, Interval, Objective, Settings } from 'sandtune';
import { gainOver, type SweepPoint, sweep } from 'sandtune/tuner';

export interface GridOptions {
  readonly objective: Objective;
  readonly start: Settings;
  readonly chosen: Settings;
  readonly sigmaD: number;
  readonly seed: number;
  readonly passWindowMs: number;
  readonly windowMs: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

export interface Grid {
  readonly onePass: readonly SweepPoint[];
  /** start, chosen, best: re-measured. */
  readonly again: readonly SweepPoint[];
  readonly best: Settings;
  readonly fractionOfBest: number;
  readonly gain: Interval;
}

const threads = [1, 2, 3, 4];
const batchSizes = [1, 16, 64, 128];

export async function sweepGrid(executor: Executor, options: GridOptions): Promise<Grid> {
  const { objective, start, chosen, sigmaD, seed, passWindowMs, windowMs, rounds, signal } = options;
  const points = threads.flatMap((count) =>
    batchSizes.map((batchSize): Settings => ({ ...chosen, threads: count, batchSize })),
  );
  const common = { objective, sigmaD, seed, signal } as const;
  const first = await sweep(executor, { ...common, points, windowMs: passWindowMs });
  const best = first.points.reduce((top, point) => (point.metric.estimate > top.metric.estimate ? point : top));
  const again = await sweep(executor, {
    ...common,
    points: [start, chosen, best.settings],
    windowMs: 1.5 * windowMs,
    rounds,
  });
  const ratios = again.logRatios.map((round) => (round[1] ?? 0) - (round[2] ?? 0));
  return {
    onePass: first.points,
    again: again.points,
    best: best.settings,
    fractionOfBest: Math.exp(ratios.reduce((sum, one) => sum + one, 0) / ratios.length),
    gain: gainOver(again, 1),
  };
}

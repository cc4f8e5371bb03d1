/**
 * The grid a careful person would sweep by hand, and why that is not enough: the best of one pass
 * is best by luck too, so it is measured again, interleaved with the start and with what was chosen.
 */
import type { Executor, Interval, Objective, Settings } from 'sandtune';
import { gainOver, type Sweep, type SweepPoint, sweep } from 'sandtune/tuner';

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
  /** start, chosen, best: re-measured, each setting once. */
  readonly again: readonly SweepPoint[];
  /** Those three, of which some may be one point. */
  readonly start: SweepPoint;
  readonly chosen: SweepPoint;
  readonly best: SweepPoint;
  /** Of the re-measured means; null when the best of the grid served nothing. */
  readonly fractionOfBest: number | null;
  readonly gain: Interval;
}

const threads = [1, 2, 3, 4];
const batchSizes = [1, 8, 16, 32];
const swept: ReadonlySet<string> = new Set(['threads', 'batchSize', 'transport']);

export async function sweepGrid(executor: Executor, options: GridOptions): Promise<Grid> {
  const { objective, start, chosen, sigmaD, seed, passWindowMs, windowMs, rounds, signal } = options;
  const common = { objective, sigmaD, seed, signal } as const;
  const first = await sweep(executor, { ...common, points: gridPoints(start, chosen), windowMs: passWindowMs });
  const best = first.points.reduce((top, point) => (point.metric.estimate > top.metric.estimate ? point : top));
  const wanted = [start, chosen, best.settings];
  const points = eachOnce(wanted);
  const again = await sweep(executor, { ...common, points, windowMs: 1.5 * windowMs, rounds });
  const measured = remeasured(again);
  const [startAt, chosenAt, bestAt] = wanted.map((one) => points.findIndex((point) => alike(point, one)));
  const pointAt = (at: number | undefined): SweepPoint => measured[at ?? 0]!;
  return {
    onePass: first.points,
    again: measured,
    start: pointAt(startAt),
    chosen: pointAt(chosenAt),
    best: pointAt(bestAt),
    fractionOfBest: shareOfBest(pointAt(chosenAt), pointAt(bestAt)),
    gain: gainOver(again, chosenAt ?? 0),
  };
}

/** The settings without those that are there before. */
export function eachOnce(settings: readonly Settings[]): readonly Settings[] {
  return settings.filter((one, at) => settings.findIndex((other) => alike(other, one)) === at);
}

export function alike(one: Settings, other: Settings): boolean {
  return Object.keys({ ...one, ...other }).every((knob) => one[knob] === other[knob]);
}

/**
 * Every number of threads, with each batch size and in shared memory, where each call travels by itself; the other
 * knobs as they were at the start. And the same once more as these were chosen where that differs, or a bad choice of
 * them would be shared by the whole grid.
 */
export function gridPoints(start: Settings, chosen: Settings): readonly Settings[] {
  const { transport } = start;
  const ways: readonly Settings[] = [
    ...batchSizes.map((batchSize): Settings => ({ batchSize, ...(transport !== undefined && { transport }) })),
    ...(transport === undefined ? [] : [{ batchSize: 1, batchLingerMs: 0, transport: 'ring' }]),
  ];
  const over = (others: Settings) =>
    threads.flatMap((count) => ways.map((way): Settings => ({ ...others, threads: count, ...way })));
  const differ = Object.keys(chosen).some((knob) => !swept.has(knob) && chosen[knob] !== start[knob]);
  return differ ? eachOnce([...over(start), ...over(chosen)]) : over(start);
}

/**
 * One mean over the other: no round divides by what another point did in it, so a window in which
 * nothing came out counts as that and no more. null when there is nothing to take a share of.
 */
export function shareOfBest(chosen: SweepPoint | undefined, best: SweepPoint | undefined): number | null {
  const fraction = (chosen?.metric.estimate ?? Number.NaN) / (best?.metric.estimate ?? Number.NaN);
  return Number.isFinite(fraction) ? fraction : null;
}

/** The points as a reader of the ledger gets them: each with its gain over the first, side by side. */
function remeasured(again: Sweep): readonly SweepPoint[] {
  return again.points.map((point, index) => (index === 0 ? point : { ...point, gain: gainOver(again, index) }));
}

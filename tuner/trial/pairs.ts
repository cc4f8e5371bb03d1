/**
 * The windows of a trial, sorted into ramp and pairs, and the point that the report draws of each pair.
 *
 *   seen (ramp first, then pairs in coin order) ── sortWindows ──▶ pairs ── pairPoints ──▶ PairPoint[]
 */
import type { Measured, Window } from '../../src/contracts.ts';
import type { Arm, PairPoint, TrialDesign } from '../entries/entries.ts';
import { differenceIn } from './arrivals.ts';
import { interval, logEValue } from './e-value.ts';
import { objectiveOf } from './metric.ts';
import { pairAtOneBacklog } from './overload.ts';
import { type PairedUp, pairUp } from './pair-up.ts';
import { rampWindows } from './schedule.ts';

/** Two windows, one per arm, that are compared. */
export interface Pair {
  readonly order: 'AB' | 'BA';
  /** The arm in force just before; null where it is not known, or where no coin chose it. */
  readonly after: Arm | null;
  readonly baseline: Window;
  readonly candidate: Window;
  readonly d: number;
}

/** All windows of a trial and of its hold-back, and the pairs among them. */
export interface AllWindows {
  readonly baseline: readonly Window[];
  readonly candidate: readonly Window[];
  readonly pairs: readonly Pair[];
}

/** The pairs of a trial. A pair is dropped if it has no data or too few calls, or if a knob moved inside. */
export interface Sorted extends PairedUp<Pair> {
  /** The last window completed a pair. */
  readonly atPairEnd: boolean;
}

/** The pairs of the windows `seen`, which are in the order of measurement. Windows of the ramp are not part of any pair. */
export function sortWindows(design: TrialDesign, seen: readonly Measured[]): Sorted {
  const ramp = rampWindows(design);
  const sorted = pairUp(seen, ramp, (first, second, index) => {
    // Between the pairs of a hold-back the candidate runs, which no coin chose.
    const after = design.purpose === 'hold-back' || index === ramp ? null : (seen[index - 1]?.arm ?? null);
    return pairOf(design, after, first, second);
  });
  return { ...sorted, atPairEnd: seen.length > ramp && (seen.length - ramp) % 2 === 0 };
}

/** All windows in the order in which they were measured. */
export function inOrder(seen: readonly Measured[], between: readonly Measured[]): readonly Measured[] {
  if (between.length === 0) return seen;
  return [...seen, ...between].sort((a, b) => a.window.startMs - b.window.startMs);
}

function pairOf(design: TrialDesign, after: Arm | null, first: Measured, second: Measured): Pair | null {
  if (first.arm === second.arm) return null;
  const order = first.arm === 'baseline' ? 'AB' : 'BA';
  const arms = order === 'AB' ? ([first.window, second.window] as const) : ([second.window, first.window] as const);
  const [baseline, candidate] = design.overloaded ? pairAtOneBacklog(...arms) : arms;
  if (!baseline.steady || !candidate.steady) return null;
  // The completions of both arms count together: a rule on one arm alone would drop pairs by their sign,
  // and the coin would not be fair any more.
  if (baseline.outcomes.ok + candidate.outcomes.ok < design.minCompletions) return null;
  const d = differenceIn(design, baseline, candidate);
  return d === null ? null : { order, after, baseline, candidate, d };
}

/**
 * One point a pair, each with the evidence and the interval as they were after it.
 *
 * A point never changes once it is made, and an interval costs O(pairs), so each point is cached under
 * its candidate window. The cache changes what a step costs and never what it returns.
 */
export function pairPoints(design: TrialDesign, pairs: readonly Pair[]): readonly PairPoint[] {
  const points: PairPoint[] = [];
  const d: number[] = [];
  for (const [index, pair] of pairs.entries()) {
    d.push(pair.d);
    const before = points.at(-1) ?? null;
    const known = cachedPoints.get(pair.candidate);
    const point =
      known && known.design === design && known.before === before && known.baseline === pair.baseline
        ? known.point
        : pointOf(design, index, pair, d);
    if (known?.point !== point) cachedPoints.set(pair.candidate, { design, before, baseline: pair.baseline, point });
    points.push(point);
  }
  return points;
}

/** A point, with everything it was made from. */
interface CachedPoint {
  readonly design: TrialDesign;
  readonly before: PairPoint | null;
  readonly baseline: Window;
  readonly point: PairPoint;
}

const cachedPoints = new WeakMap<Window, CachedPoint>();

function pointOf(design: TrialDesign, index: number, pair: Pair, d: readonly number[]): PairPoint {
  const { objective } = design.goal;
  return {
    index,
    order: pair.order,
    baseline: objectiveOf(objective, pair.baseline) ?? 0,
    candidate: objectiveOf(objective, pair.candidate) ?? 0,
    d: pair.d,
    log10Better: logEValue(d, 0, design.sigmaD, 'greater') / Math.LN10,
    log10Worse: logEValue(d, Math.log1p(design.revertAt), design.sigmaD, 'less') / Math.LN10,
    effect: interval(d, design.sigmaD, design.alpha),
  };
}

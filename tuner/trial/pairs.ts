/**
 * What was measured, sorted into ramp and pairs, and each pair as the strip shows it.
 *
 *   seen (ramp first, then pairs in coin order) ── sortWindows ──▶ pairs ── pairPoints ──▶ PairPoint[]
 */
import type { Measured, Window } from '../../src/contracts.ts';
import type { Arm, PairPoint, TrialDesign } from '../entries/entries.ts';
import { interval, logEValue } from './e-value.ts';
import { logRatioOf, objectiveOf } from './metric.ts';
import { type PairedUp, pairUp } from './pair-up.ts';
import { rampWindows } from './schedule.ts';

/** Two windows, one per arm, that can be compared. */
export interface Pair {
  readonly order: 'AB' | 'BA';
  /** The arm in force just before; null where that is not known or not a coin's choice. */
  readonly after: Arm | null;
  readonly baseline: Window;
  readonly candidate: Window;
  readonly d: number;
}

/** A pair is dropped where there was no data, too few calls, or a knob moved inside. */
export interface Sorted extends PairedUp<Pair> {
  /** The last window completed a pair. */
  readonly atPairEnd: boolean;
}

/** Windows in the order they were measured → pairs. Windows of the ramp are left out. */
export function sortWindows(design: TrialDesign, seen: readonly Measured[]): Sorted {
  const ramp = rampWindows(design);
  const sorted = pairUp(seen, ramp, (first, second, index) => {
    // Between the pairs of a hold-back lie windows of the candidate.
    const after = design.purpose === 'hold-back' || index === ramp ? null : (seen[index - 1]?.arm ?? null);
    return pairOf(design, after, first, second);
  });
  return { ...sorted, atPairEnd: seen.length > ramp && (seen.length - ramp) % 2 === 0 };
}

function pairOf(design: TrialDesign, after: Arm | null, first: Measured, second: Measured): Pair | null {
  if (first.arm === second.arm) return null;
  const order = first.arm === 'baseline' ? 'AB' : 'BA';
  const [baseline, candidate] = order === 'AB' ? [first.window, second.window] : [second.window, first.window];
  if (!baseline.steady || !candidate.steady) return null;
  // Of both together: a rule that looked at one arm alone would tilt the coin.
  if (baseline.outcomes.ok + candidate.outcomes.ok < design.minCompletions) return null;
  const d = logRatioOf(design.goal.objective, baseline, candidate);
  return d === null ? null : { order, after, baseline, candidate, d };
}

/**
 * A point per pair, each with the evidence and the interval as they were after it.
 *
 * Points never change once made, and an interval costs O(pairs), so they are remembered along the
 * chain of windows they were made from. That changes what a step costs, never what it returns.
 */
export function pairPoints(design: TrialDesign, pairs: readonly Pair[]): readonly PairPoint[] {
  const points: PairPoint[] = [];
  const d: number[] = [];
  for (const [index, pair] of pairs.entries()) {
    d.push(pair.d);
    const before = points.at(-1) ?? null;
    const known = remembered.get(pair.candidate);
    const point =
      known && known.design === design && known.before === before && known.baseline === pair.baseline
        ? known.point
        : pointOf(design, index, pair, d);
    if (known?.point !== point) remembered.set(pair.candidate, { design, before, baseline: pair.baseline, point });
    points.push(point);
  }
  return points;
}

interface Remembered {
  readonly design: TrialDesign;
  readonly before: PairPoint | null;
  readonly baseline: Window;
  readonly point: PairPoint;
}

const remembered = new WeakMap<Window, Remembered>();

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

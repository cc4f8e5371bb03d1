/** What a truth is worth to a goal, which is what tuners of worlds are judged by. */
import type { GoalWords } from '../../tuner/goal.ts';
import type { Truth } from './world.ts';

/** Of a setting that cannot serve what comes: something, so that shares of it can be told. */
const leastWorth = 1e-9;

/** + is better. Of latencies a world knows p99 alone. */
export function worthOf({ minimize, sloMs }: GoalWords): (truth: Truth) => number {
  if (minimize !== undefined) return ({ p99Ms }) => (Number.isFinite(p99Ms) ? 1000 / p99Ms : leastWorth);
  return sloMs === undefined ? ({ rate }) => rate : ({ rate, p99Ms }) => rate * Math.min(1, sloMs / p99Ms);
}

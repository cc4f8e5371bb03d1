/**
 * Where a level that was low came back from one window to the next. An outage of somebody else's ends so, at a moment of its own;
 * what a setting costs where it stays wears off from the moment on at which it is changed: at once then, or by degrees.
 *
 *   low, levels ── jumpIn ──▶ the first window after the jump │ null: it rose by degrees, or not
 *   low, levels before and after the change ── cameBackByItself ──▶ there is a jump, and not where the change is
 *
 * Medians of three windows are read, so that no single one is a jump or hides one. What lies between low and the last windows counts
 * by quarters: a rise with a time constant τ takes 1.1 τ from the first to the third, where a jump takes two medians.
 */
import { median } from './statistics.ts';

/**
 * So many windows before the change, or after it, a jump is the change's: what wears off within three windows looks like one,
 * and harm that ends some seconds after its setting was left, as of a circuit breaker that cools down, is one.
 */
const nearest = { before: 1, after: 30 } as const;

/** Medians at the beginning that are low: three windows, of four, that a change of the setting did not mend. */
const fewestLow = 2;
/** Medians that may lie between low and high: those which hold windows of both. */
const mostBetween = 2;
const fewestLevels = 8;
/** Windows that say where it came back to. */
const newest = 5;
/** A smaller rise is none, nor is one of fewer σ of a window: by chance half of those with a time constant of 25 windows would be jumps. */
const least = { rise: 0.05, sigmas: 4 } as const;
/** σ over the median distance of neighbours. */
const perMedian = 1.4826 / Math.SQRT2;

/**
 * True where the level came back in a jump at another moment than that of the change.
 * @param before levels before the change @param after and from it on
 */
export function cameBackByItself(low: number, before: readonly number[], after: readonly number[]): boolean {
  const at = jumpIn(low, [...before, ...after]);
  return at !== null && (at < before.length - nearest.before || at > before.length + nearest.after);
}

/** @param levels logs, turned so that + is better, as is `low` @returns an index */
export function jumpIn(low: number, levels: readonly number[]): number | null {
  if (levels.length < fewestLevels) return null;
  const rise = median(levels.slice(-newest)) - low;
  const sigma = perMedian * median(levels.slice(1).map((one, i) => Math.abs(one - (levels[i] as number))));
  if (!(rise > Math.max(least.rise, least.sigmas * sigma))) return null;
  const smooth = levels.slice(1, -1).map((_, i) => median(levels.slice(i, i + 3)));
  const lastLow = smooth.findLastIndex((one) => one < low + rise / 4);
  const firstHigh = smooth.findIndex((one, i) => i > lastLow && one > low + (3 * rise) / 4);
  return lastLow >= fewestLow - 1 && firstHigh > lastLow && firstHigh - lastLow - 1 <= mostBetween
    ? firstHigh + 1
    : null;
}

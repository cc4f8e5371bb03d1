/** How long a call has to be for a pool to do as many of them a second as the caller's own thread does. */

/** One length: what the guest takes, µs, and how many times as many calls a second the pool does. */
export type Point = readonly [us: number, ratio: number];

/**
 * The shortest length from which on the pool is ahead, at the next one as well: between two lengths by the logarithms
 * of both. Never less than the shortest length; Infinity where the pool is ahead nowhere.
 * @param points ascending by length
 */
export function breakEvenUs(points: readonly Point[]): number {
  const isAhead = (at: number) => (points[at]?.[1] ?? 1) >= 1;
  const ahead = points.findIndex((_, at) => isAhead(at) && isAhead(at + 1));
  if (ahead < 0) return Number.POSITIVE_INFINITY;
  const high = points[ahead] as Point;
  if (ahead === 0) return high[0];
  const low = points[ahead - 1] as Point;
  const share = Math.log(low[1]) / (Math.log(low[1]) - Math.log(high[1]));
  return low[0] * (high[0] / low[0]) ** share;
}

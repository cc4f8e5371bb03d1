/**
 * How often shifts may wake a tuner at rest. What goes to and fro every few minutes would have it take a new
 * reference, probe, and try again what had failed at each turn, on the calls of users. So each wake makes the
 * next wait twice as long, as rests do, until it has been quiet for as long as the longest rest.
 */
export interface Wakes {
  readonly count: number;
  /** On the session's own clock; of no meaning while `count` is 0. */
  readonly lastMs: number;
}

export const noWakes: Wakes = { count: 0, lastMs: 0 };

/** Doublings of the shortest wait, of wakes and of audits. */
const mostDoublings = 6;

/** So long after the last of so many audits in a row that changed nothing the next may begin. */
export function waitAfterMs(misses: number, restMs: number): number {
  return misses === 0 ? 0 : restMs * 2 ** Math.min(mostDoublings, misses);
}

/** @returns the wakes with one more at `nowMs`; null where it is too early for it */
export function wokenAt({ count, lastMs }: Wakes, nowMs: number, restMs: number): Wakes | null {
  const sinceMs = nowMs - lastMs;
  if (count > 0 && sinceMs < restMs * 2 ** Math.min(mostDoublings, count)) return null;
  const isForgotten = sinceMs > 2 * restMs * 2 ** mostDoublings;
  return { count: isForgotten ? 1 : count + 1, lastMs: nowMs };
}

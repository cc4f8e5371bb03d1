/** Intervals as they come from a ledger: an end that bounds nothing is made to say so. */
import type { Interval } from '../../src/contracts.ts';

/** Beyond this factor either way an end is where the search for it stopped, not a bound. */
const openFactor = 1_000;

/**
 * An effect whose open ends are −1 and Infinity (in JSON an infinite end comes back as null); null
 * when there is no estimate.
 */
export function bounded(effect: Interval | null): Interval | null {
  if (effect === null || !Number.isFinite(effect.estimate)) return null;
  const low = Number.isFinite(effect.low) && effect.low > 1 / openFactor - 1 ? effect.low : -1;
  const high = Number.isFinite(effect.high) && effect.high < openFactor - 1 ? effect.high : Infinity;
  return low === effect.low && high === effect.high ? effect : { ...effect, low, high };
}

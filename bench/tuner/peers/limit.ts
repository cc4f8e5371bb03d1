/** The one number that limiters steer: the first knob that is one, the others left at their defaults. */
import type { NumericRange, Settings, Window } from '../../../src/contracts.ts';
import { meanMs } from '../../../src/measure/distribution.ts';
import type { Service } from '../peer.ts';

export interface Limit {
  readonly min: number;
  readonly max: number;
  readonly start: number;
  /** The settings with this limit: a whole number where the knob wants one, and never outside its domain. */
  readonly settings: (limit: number) => Settings;
}

/** null where no knob is a number. */
export function limitOf({ knobs, usual }: Service): Limit | null {
  const knob = knobs.find(({ domain }) => 'min' in domain);
  if (!knob) return null;
  const { min, max, integer } = knob.domain as NumericRange;
  const settings = (limit: number): Settings => {
    const value = integer ? Math.floor(limit) : limit;
    return { ...usual, [knob.id]: Math.min(max, Math.max(min, value)) };
  };
  return { min, max, start: Number(knob.defaultValue), settings };
}

export interface Sample {
  readonly count: number;
  /** Between being let through and being answered. */
  readonly rttMs: number;
  /** Calls that were let through and not yet answered, at the end. */
  readonly inFlight: number;
  /** Somebody's call was given up or turned away. */
  readonly dropped: boolean;
}

/**
 * What a limiter sees of a window. Windows do not tell how long calls waited before the limit, so where more
 * wait than are let through, the time inside follows from Little's law: limit over rate.
 */
export function sampleOf(window: Window, limit: number): Sample {
  const { outcomes, backlogAtEnd, latency, startMs, endMs } = window;
  const count = outcomes.ok + outcomes.trap;
  const inFlight = Math.min(limit, backlogAtEnd);
  const rttMs = backlogAtEnd > limit ? (limit * (endMs - startMs)) / Math.max(1, count) : meanMs(latency);
  const dropped = outcomes.timeout + outcomes.rejected + outcomes.shed + outcomes.lost > 0;
  return { count, rttMs, inFlight, dropped };
}

/** A limiter of concurrency-limits looks at its samples once a second, where there are at least ten. */
export const windowedMs = 1000;
export const leastSamples = 10;

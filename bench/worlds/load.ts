/** The load of a world, and how long a call takes under it while nothing piles up. */
import type { Settings } from '../../src/contracts.ts';
import { exponential, lognormal, type Shape } from './latency.ts';
import type { Over, Service, WorldLoad } from './spec.ts';

/** Least share of the capacity that stays unused: nearer to saturation a queue takes hours to reach its length. */
export const leastUnused = 0.02;

/** Calls that are offered, as many as a second of this moment brings; a closed loop brings whatever is served. */
export function offeredPerSecond(load: WorldLoad, atMs: number, settings: Settings): number {
  return load.kind === 'open' ? valueAt(load.perSecond, atMs, settings) : Infinity;
}

/** Calls in flight in a closed loop. */
export function inFlightAt(load: WorldLoad, atMs: number, settings: Settings): number {
  return load.kind === 'closed' ? Math.max(0, Math.round(valueAt(load.inFlight, atMs, settings))) : 0;
}

/**
 * A closed loop's latency is Little's law, an open one's that of a queue with exponential service times.
 * @param perSecond what can be served
 * @see Kleinrock, "Queueing Systems" I, §3.2 (M/M/1: the time in the system is exponential)
 */
export function meanLatencyMs(
  load: WorldLoad,
  { latencyMs }: Pick<Service, 'latencyMs'>,
  perSecond: number,
  atMs: number,
  settings: Settings,
): number {
  if (latencyMs !== undefined) return latencyMs;
  if (load.kind === 'closed') return (1000 * inFlightAt(load, atMs, settings)) / perSecond;
  return 1000 / Math.max(leastUnused * perSecond, perSecond - offeredPerSecond(load, atMs, settings));
}

export function usualShape({ kind }: WorldLoad): Shape {
  return kind === 'closed' ? lognormal : exponential;
}

function valueAt(value: Over, atMs: number, settings: Settings): number {
  return typeof value === 'number' ? value : value(atMs, settings);
}

/** What a world remembers of its settings, carried from one stretch of time to the next. */
import type { Settings } from '../../src/contracts.ts';
import type { Builds, Past } from './spec.ts';

/** @returns the level's mean over `ms`, and the level after it */
export function builtAfter(
  builds: Builds | undefined,
  built: number,
  settings: Settings,
  ms: number,
): { readonly mean: number; readonly end: number } {
  if (!builds) return { mean: 0, end: 0 };
  const target = builds.target(settings);
  const lengths = ms / builds.timeMs;
  const left = Math.exp(-lengths);
  return { mean: target + ((built - target) * (1 - left)) / lengths, end: target + (built - target) * left };
}

/** Memory that is needed no more is given back with this time constant. */
const givingBackMs = 20_000;

/**
 * Memory that a process holds after `ms`: what it needs is there at once, and what it needs no more goes slowly, or
 * not at all while knobs are kept warm. NaN where a setting does not tell.
 */
export function heldAfter(held: number, needed: number | undefined, ms: number, isWarm: boolean): number {
  if (needed === undefined) return Number.NaN;
  if (!(held > needed)) return needed;
  return isWarm ? held : needed + (held - needed) * Math.exp(-ms / givingBackMs);
}

/** What there is once a setting has stood for ever. */
export function settledPast(builds: Builds | undefined, settings: Settings): Past {
  return { built: builds?.target(settings) ?? 0, stayedMs: Infinity };
}

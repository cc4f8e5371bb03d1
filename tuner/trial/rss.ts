/** Memory that the process held, by its windows: its resident set, which is of all threads and all settings. Bytes. */
import type { Window } from '../../src/contracts.ts';

/** The peak over the windows that tell it; null where none does. */
export function peakRss(windows: readonly Window[]): number | null {
  const told = rssOf(windows);
  return told.length === 0 ? null : Math.max(...told);
}

/** Of each window that tells. */
export function rssOf(windows: readonly Window[]): readonly number[] {
  return windows.flatMap(({ rssBytes }) => rssBytes ?? []);
}

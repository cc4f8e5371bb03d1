/** Of equal items only the newest is kept, in the order in which these came. */
import type { Settings } from '../../src/contracts.ts';
import { sameSettings } from '../entries/settings.ts';

/** The items with `item` as the newest, and without those that are the same. */
export function withNewest<T>(before: readonly T[], item: T, isSame: (one: T, other: T) => boolean): readonly T[] {
  return [...before.filter((one) => !isSame(one, item)), item];
}

interface OfSettings {
  readonly settings: Settings | null;
}

export function isOfSameSettings(one: OfSettings, other: OfSettings): boolean {
  return sameSettings(one.settings ?? {}, other.settings ?? {});
}

/** Settings and knobs by name and value. */
import type { Settings } from '../../src/contracts.ts';
import { valueIn } from '../../src/foundation/settings.ts';
import { changes, valueText } from '../../tuner/entries/settings.ts';

export { valueText } from '../../tuner/entries/settings.ts';

/**
 * 'batchSize 64, threads 2'; 'no knobs' of no settings.
 * @param only the knobs to name; where none of them is set: 'as configured (threads 3)'
 */
export function settingsText(settings: Settings, only?: readonly string[]): string {
  const ids = Object.keys(settings);
  if (ids.length === 0) return 'no knobs';
  const named = only ? ids.filter((id) => only.includes(id)) : ids;
  const words = (some: readonly string[]) => some.map((id) => `${id} ${valueText(valueIn(settings, id))}`).join(', ');
  return named.length === 0 ? `as configured (${words(ids)})` : words(named);
}

/** Knobs whose value differs between the two. */
export function changedKnobs(from: Settings, to: Settings): string[] {
  return changes(from, to).map(([id]) => id);
}

/** Knobs that do not have one value in all of these: the ones worth naming. */
export function varyingKnobs(all: readonly Settings[]): string[] {
  const ids = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return ids.filter((id) => new Set(all.map((one) => valueIn(one, id))).size > 1);
}

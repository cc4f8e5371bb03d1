/** What a report says of rows that it could not read. */
import { countedText } from '../words/numbers.ts';
import type { DamageData } from './data.ts';

/** A sentence, or none. */
export function unreadableText({ unreadable }: DamageData): readonly string[] {
  return unreadable > 0 ? [`damaged: ${countedText(unreadable, 'row')} could not be read and were left out`] : [];
}

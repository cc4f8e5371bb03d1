/** Text of others as a terminal and a page may show it, and values as JSON that a terminal acts on nowhere. */
import { unprintable } from '../../src/foundation/printable.ts';

export { printable, printableLines, unprintable } from '../../src/foundation/printable.ts';

const butLineEnds = new RegExp(String.raw`(?!\n)[${unprintable}]`, 'gu');

/** `value` as JSON, indented, in which what a terminal would act on, or not show, is written as \u escapes. */
export function jsonText(value: unknown): string {
  // One character may be two UTF-16 units, and JSON escapes each by itself.
  return JSON.stringify(value, null, 2).replace(butLineEnds, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

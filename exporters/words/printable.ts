/**
 * Text for a terminal, whoever wrote it: names, ids, reasons and paths come out of a ledger, a config or
 * the command line, and must neither move the cursor nor change colours.
 */

/** Controls but tabs (escape and the C1 set among them), halves of surrogate pairs, marks that reorder text. */
const unfit = /[^\P{Cc}\t]|[\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Characters of one line; an error may quote a value of megabytes. */
const longestLine = 2_000;

/** `text` on one line. */
export function printable(text: string): string {
  const cut = text.length <= longestLine ? text : `${text.slice(0, longestLine)}…`;
  return cut.replace(unfit, ' ');
}

/** Each line of `text`; its own line ends stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** `value` as JSON, indented, in which what a terminal would act on is written as \u escapes. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

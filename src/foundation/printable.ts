/**
 * Text of others, made fit for a terminal: names, ids, messages and paths come out of guests, ledgers,
 * configs and the command line, and must neither move the cursor nor change colours nor hide in other text.
 */

/**
 * What no such text may bring into a terminal or a page, as the inside of a character class with flag u:
 * controls (escape and the C1 set among them), halves of surrogate pairs, line ends of Unicode, marks that
 * reorder text, and characters without a shape, behind which one name can pass for another.
 */
export const unprintable = String.raw`\p{Cc}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb`;

const butTabs = new RegExp(String.raw`(?!\t)[${unprintable}]`, 'gu');

/** Characters of one line; an error may quote a value of megabytes. */
const longestLine = 2_000;

/** `text` on one line. */
export function printable(text: string): string {
  const cut = text.length <= longestLine ? text : `${text.slice(0, longestLine)}…`;
  return cut.replace(butTabs, ' ');
}

/** Each line of `text`; its own line ends stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

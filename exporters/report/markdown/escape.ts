/** Text from the ledger inside Markdown: nothing in it can start a tag, a table cell or a code fence. */

/** Line ends, other controls, marks that reorder text. */
const unfit = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;

/** For running text and table cells: one line, signs of Markdown and HTML made literal. */
export function md(text: string): string {
  return text
    .toWellFormed()
    .replace(unfit, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~]/g, '\\$&');
}

/** A fenced block whose fence is longer than any run of backticks inside. */
export function fence(language: string, lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const ticks = '`'.repeat(longest + 1);
  return [`${ticks}${language}`, ...lines.map((line) => line.toWellFormed().replace(/[\r\n]/g, ' ')), ticks];
}

/** Text from the ledger inside Markdown: nothing in it can start a tag, a table cell or a code fence. */
import { unprintable } from '../../words/printable.ts';

/** Line ends, other controls, what reorders text or hides in it. */
const unfit = new RegExp(`[${unprintable}]+`, 'gu');

/** The same in a line that is copied: its tabs stay, and a carriage return at its end. */
const unfitInCode = new RegExp(String.raw`(?!\t|\r$)[${unprintable}]`, 'gu');

/** Characters of one text, as escaped: GitHub takes 65,536 characters in all, and a summary has up to 60 texts. */
const longestText = 600;
/** Characters of one line of a fenced block; a line to paste is that long only when something is wrong with it. */
const longestLine = 1_000;

/**
 * Where a forge makes a link or a notification of plain text: @name, #123, GH-123, addresses. A
 * space of no width, which only the rendered page has, keeps such text apart from what it would point to.
 */
const links = /[@#]|:(?=\/\/)|\bwww(?=\.)|\bGH(?=-\d)/gi;

/**
 * What Markdown or HTML acts on, and only where it does: `p99 < 50ms` and `batch_size` stand as they are, since
 * the summary is read on terminals too.
 * @see GitHub Flavored Markdown 0.29, sections 5.1 (quotes), 6.2 (entities), 6.4 (_ inside words), 6.10 (raw HTML)
 */
const acting = /[\\`*[\]|~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|<(?=[a-z/!?])|&(?=#?\w+;)|(?<=^\s*)>|\u200b/iuy;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\u200b': '&#x200b;' };

/** What begins a list, a rule or an underline where it begins a line, as a text may that is printed first. */
const beginsBlock = /^(\d{0,9})(?=[-+.)](?:\s|$)|[-=]+$)/;

/** For running text and table cells: one line, signs of Markdown and HTML made literal, links made text. */
export function md(text: string): string {
  const line = text.toWellFormed().replace(unfit, ' ').trim();
  return escaped(line).replace(beginsBlock, '$1\\');
}

function escaped(line: string): string {
  const unlinked = line.replace(links, '$&\u200b');
  let all = '';
  let at = 0;
  for (const character of unlinked) {
    acting.lastIndex = at;
    const next = acting.test(unlinked) ? (escapes[character] ?? `\\${character}`) : character;
    at += character.length;
    // The cut falls between escaped characters, because half an escape would be markup again.
    if (all.length + next.length > longestText) return `${all}…`;
    all += next;
  }
  return all;
}

/** A fenced block whose fence is longer than any run of backticks inside. */
export function fence(language: string, lines: readonly string[]): string[] {
  const safe = lines.map((line) => {
    const one = line.toWellFormed().replace(unfitInCode, ' ');
    return one.length <= longestLine ? one : `${one.slice(0, longestLine)}…`;
  });
  const longest = Math.max(2, ...safe.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const ticks = '`'.repeat(longest + 1);
  return [`${ticks}${language}`, ...safe, ticks];
}

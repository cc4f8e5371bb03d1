/**
 * HTML and SVG by tagged template. Every value that is not Markup already is escaped, so text from
 * the ledger (function names, reasons) cannot become markup; there is no other way to make Markup
 * than the tag, from literals in this folder.
 */
import { unprintable } from '../words/printable.ts';

export class Markup {
  readonly #literals: readonly string[];
  readonly #values: readonly MarkupValue[];
  private constructor(literals: readonly string[], values: readonly MarkupValue[]) {
    this.#literals = literals;
    this.#values = values;
  }

  /** The tag. Arrays are joined; null, undefined and false leave nothing. */
  static html(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
    return new Markup(strings, values);
  }

  get text(): string {
    return this.clippedTo(longestText);
  }

  /** Every value longer than this many characters is cut there: one text of the ledger cannot fill the page. */
  clippedTo(longest: number): string {
    return this.#literals.reduce((all, literal, i) => all + textOf(this.#values[i - 1], longest) + literal);
  }
}

export type MarkupValue = Markup | string | number | null | undefined | false | readonly MarkupValue[];

export const html = Markup.html;

function textOf(part: MarkupValue, longest: number): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Markup) return part.clippedTo(longest);
  if (typeof part === 'number') return numberText(part);
  if (typeof part !== 'string') return part.map((one) => textOf(one, longest)).join('');
  return escapeText(part.length <= longest ? part : `${part.slice(0, longest)}…`);
}

/** Text whose numbers stay on one line with their units. Not for code, which is copied. */
export function prose(text: string): string {
  return text.replace(/(\d) (?=(?:%|[nµm]?s|[kM]|[KMGT]?i?B)(?![\p{L}\d]))/gu, '$1\u00a0');
}

/** Characters of one value, where the page is not short of room. */
export const longestText = 4_000;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What neither HTML nor XML may hold, and what would reorder text or hide in it. */
const unfit = new RegExp(String.raw`(?![\t\n\r])[${unprintable}\ufffe\uffff]`, 'gu');

/** Escapes for text and quoted attributes; characters that may not stand there become U+FFFD. */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(unfit, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** Numbers in a picture have two decimals: a hundredth of a pixel is fine enough, and the page stays small. */
function numberText(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 100) / 100 + 0) : '0';
}

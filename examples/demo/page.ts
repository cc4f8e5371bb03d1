/** The closing page: lines as they are, and labels with text that is wrapped to its width; and the fractions on it. */
import type { EffectBounds } from './result.ts';

/** Columns of a page that no terminal shows, and at most. */
export const pageWidth = 100;
/** Below this the text itself would be in pieces. */
const narrowest = 36;
export const indent = '  ';
export const gap = '  ';
const labelWidth = 10;

/** What stands on a page. A line keeps its length. */
export type PagePart = string | { readonly label: string; readonly text: string };

/** A label and its text, wrapped in a column of its own. */
export function labelled(label: string, text: string): readonly PagePart[] {
  return [{ label, text }];
}

/**
 * @param columns of the terminal; undefined where there is none
 * @param told $COLUMNS, which counts where there is no terminal
 */
export function widthOfPage(columns: number | undefined, told?: string): number {
  const asTold = /^[1-9]\d{0,4}$/.test(told ?? '') ? Number(told) : pageWidth;
  return Math.max(narrowest, Math.min(pageWidth, columns ?? asTold));
}

export function pageLines(parts: readonly PagePart[], width: number): readonly string[] {
  const textWidth = width - indent.length - labelWidth - gap.length;
  return parts.flatMap((part) =>
    typeof part === 'string'
      ? [part]
      : wrapped(part.text, textWidth).map((text, index) => line(index === 0 ? part.label : '', text)),
  );
}

export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  // A number stays with its unit.
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

export function line(label: string, text: string): string {
  return `${indent}${label.padEnd(labelWidth)}${gap}${text}`.trimEnd();
}

/** ' (+200…+300 %)'; an end that bounds nothing is said to be open, and of none there is nothing to say. */
export function rangeText({ low, high }: EffectBounds): string {
  if (low === null && high === null) return ' (no bounds)';
  const text = (end: number | null) => (end === null ? 'open' : percent(end));
  return ` (${text(low).replace(' %', '')}…${text(high)})`;
}

export function percent(fraction: number): string {
  const sign = fraction > 0 ? '+' : fraction < 0 ? '−' : '';
  const size = 100 * Math.abs(fraction);
  return `${sign}${size.toFixed(size >= 99.95 ? 0 : 1)} %`;
}

/** 12345.4 → '12,345' */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

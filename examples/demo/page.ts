/** Lines of the closing page, at most 100 columns wide, and the fractions on it. */
import type { EffectBounds } from './result.ts';

export const pageWidth = 100;
export const indent = '  ';
export const gap = '  ';
const labelWidth = 10;

/** A label and its text, wrapped in a column of its own. */
export function labelled(label: string, text: string): string[] {
  const width = pageWidth - indent.length - labelWidth - gap.length;
  return wrapped(text, width).map((part, index) => line(index === 0 ? label : '', part));
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

/** A finding as two lines: what was found, and below it what that means. */
import type { Paint, Style } from '../live/paint.ts';
import { clean, pad, wrapSpans } from '../live/text.ts';
import type { Finding } from './finding.ts';

const marks = { good: '✓', poor: '!', broken: '✗' } as const;
const styles = { good: 'good', poor: 'warn', broken: 'bad' } as const satisfies Record<Finding['state'], Style>;
const titleColumns = 15;

/** Lines of at most `width` columns (at least 40). */
export function findingLines({ state, title, found, means }: Finding, width: number, paint: Paint): string[] {
  const indent = titleColumns + 3;
  const columns = Math.max(40, Math.min(width, 120)) - indent;
  const rows = [...wrapSpans([{ text: found }], columns), ...wrapSpans([{ text: means, style: 'dim' }], columns)];
  return rows.map((spans, row) => {
    const gutter =
      row === 0
        ? `${paint(marks[state], styles[state])} ${paint(pad(clean(title), titleColumns), 'bold')} `
        : ' '.repeat(indent);
    return (gutter + spans.map(({ text, style }) => paint(text, style)).join('')).trimEnd();
  });
}

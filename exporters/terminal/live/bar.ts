/** Horizontal bars, to an eighth of a column. */

import type { Style } from './paint.ts';
import type { Span } from './text.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of `columns` columns, filled to `fraction` (clamped to 0…1; NaN is empty). */
export function bar(fraction: number, columns: number, style: Style): Span[] {
  const filled = Math.round((fraction > 0 ? Math.min(1, fraction) : 0) * columns * 8);
  const text = '█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '');
  return [{ text, style }, { text: ' '.repeat(Math.max(0, columns - text.length)) }];
}

/**
 * Evidence on its way to the line at which it is enough: log10 of an e-value from 0 to `log10Line`.
 * Below 0 (evidence against) the bar is empty.
 */
export function evidenceBar(log10E: number, log10Line: number, columns: number, style: Style): Span[] {
  const reached = log10E >= log10Line;
  const [filled, rest] = bar(log10E / log10Line, Math.max(1, columns - 1), style) as [Span, Span];
  return [
    filled,
    { text: '·'.repeat(rest.text.length), style: 'dim' },
    { text: '┃', style: reached ? 'good' : 'bold' },
  ];
}

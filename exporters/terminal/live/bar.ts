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
 * A value on its way to the line at which it is enough: empty up to `from`, full from `line` on.
 * @param from below `line`
 */
export function barToLine(value: number, { from = 0, line }: Way, columns: number, style: Style): Span[] {
  const reached = value >= line;
  const [filled, rest] = bar((value - from) / (line - from), Math.max(1, columns - 1), style) as [Span, Span];
  return [
    filled,
    { text: '·'.repeat(rest.text.length), style: 'dim' },
    { text: '┃', style: reached ? 'good' : 'bold' },
  ];
}

interface Way {
  /** @defaultValue 0 */
  readonly from?: number;
  readonly line: number;
}

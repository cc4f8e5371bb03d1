/**
 * The strip of a trial: one cell per window in time order. Height is the metric, the letter below
 * says which arm the coin chose: A what runs now, B the candidate.
 */
import type { Arm } from '../../../tuner/entries/entries.ts';
import type { Style } from './paint.ts';
import type { Span } from './text.ts';

export interface DrawnCell {
  readonly arm: Arm;
  /** The metric in this window; null when it has none or the window was not judged. */
  readonly value: number | null;
}

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
/** Whatever the values, the scale spans at least this share of the largest: noise must not look like an effect. */
const leastSpan = 0.25;

/**
 * Two rows of equal width: heights and letters. Scaled over all `cells`, so that a part of a strip
 * can be compared with another.
 * @param drawn the cells to draw, by default all
 */
export function drawStrip(
  cells: readonly DrawnCell[],
  drawn: readonly DrawnCell[] = cells,
): { readonly heights: Span[]; readonly letters: Span[] } {
  const scale = scaleOf(cells);
  return {
    heights: drawn.map((cell) => ({
      text: cell.value === null ? '×' : blockOf(cell.value, scale),
      style: styleOf(cell.arm),
    })),
    letters: drawn.map((cell) => ({ text: cell.arm === 'candidate' ? 'B' : 'A', style: styleOf(cell.arm) })),
  };
}

function styleOf(arm: Arm): Style {
  return arm === 'candidate' ? 'b' : 'a';
}

interface Scale {
  readonly low: number;
  readonly high: number;
}

function scaleOf(cells: readonly DrawnCell[]): Scale {
  const values = cells
    .map((cell) => cell.value)
    .filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (values.length === 0) return { low: 0, high: 1 };
  const high = Math.max(...values);
  const least = Math.min(...values);
  const low = Math.min(least - 0.2 * (high - least), high - leastSpan * Math.abs(high));
  return { low: Math.max(0, low), high: high > 0 ? high : 1 };
}

function blockOf(value: number, { low, high }: Scale): string {
  if (!Number.isFinite(value)) return '×';
  const level = Math.round(((value - low) / (high - low)) * (blocks.length - 1));
  return blocks[Math.min(blocks.length - 1, Math.max(0, level))] as string;
}

/**
 * Rows in columns, each as wide as it must be and at most half of the room. A bar takes what the others leave, or
 * is left out, and what does not fit wraps within its column: of two long names the ends may be what tells them apart.
 */
import { bar } from './bar.ts';
import type { Style } from './paint.ts';
import { clean, displayWidth, pad, type Span, spansWidth, wrapSpans } from './text.ts';

export interface TableRow {
  /** None: `last` stands alone, as a heading of the rows below it. */
  readonly cells: readonly TableCell[];
  readonly last: Span;
}

/** `bar`: a fraction, 0 to 1. */
type TableCell = (Span & { readonly align?: 'right' }) | { readonly bar: number; readonly style: Style };

const bars = { narrowest: 4, widest: 32 } as const;
/** Where fewer columns than these remain, the last cell of a row goes below the others. */
const narrowestLast = 12;
const between: Span = { text: '  ' };

export function tableLines(rows: readonly TableRow[], columns: number): Span[][] {
  const widths = columnWidths(
    rows.filter(({ cells }) => cells.length > 0),
    columns,
  );
  return rows.flatMap((row) => rowLines(row, widths, columns));
}

function columnWidths(rows: readonly TableRow[], columns: number): readonly number[] {
  const count = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.min(Math.floor(columns / 2), Math.max(0, ...rows.map(({ cells }) => cellWidth(cells[column])))),
  );
  const barColumn = rows[0]?.cells.findIndex((cell) => 'bar' in cell) ?? -1;
  if (barColumn < 0) return widths;
  const room = columns - widths.reduce((sum, one) => sum + one + between.text.length, 0);
  if (room < bars.narrowest) return widths;
  const beside = room - Math.max(...rows.map(({ last }) => cellWidth(last)));
  return widths.with(barColumn, Math.max(bars.narrowest, Math.min(bars.widest, beside)));
}

function rowLines({ cells, last }: TableRow, widths: readonly number[], columns: number): Span[][] {
  const drawn = cells.map((cell, column) => cellLines(cell, widths[column] ?? 0));
  const height = Math.max(1, ...drawn.map((lines) => lines.length));
  const fixed = Array.from({ length: height }, (_, line) =>
    drawn.flatMap((lines, column) => [...(lines[line] ?? [{ text: pad('', widths[column] ?? 0) }]), between]),
  );
  const indent = spansWidth(fixed[0] ?? []);
  const remaining = columns - indent;
  // Where there is too little room beside the other cells, the last one goes below them, a little to the right.
  if (remaining < Math.min(narrowestLast, cellWidth(last)))
    return [
      ...fixed.flatMap((line) => wrapSpans(line, columns)),
      ...wrapSpans([last], columns - between.text.length).map((line) => [between, ...line]),
    ];
  const beside = wrapSpans([last], remaining);
  return Array.from({ length: Math.max(fixed.length, beside.length) }, (_, line) => [
    ...(fixed[line] ?? [{ text: ' '.repeat(indent) }]),
    ...(beside[line] ?? []),
  ]);
}

/** Lines of one cell, each as wide as its column. */
function cellLines(cell: TableCell, width: number): readonly (readonly Span[])[] {
  if ('bar' in cell) return [bar(cell.bar, width, cell.style)];
  const { align, ...span } = cell;
  return wrapSpans([span], width).map((line) => {
    const space = { text: pad('', width - spansWidth(line)) };
    return align === 'right' ? [space, ...line] : [...line, space];
  });
}

function cellWidth(cell: TableCell | undefined): number {
  return cell === undefined || 'bar' in cell ? 0 : displayWidth(clean(cell.text));
}

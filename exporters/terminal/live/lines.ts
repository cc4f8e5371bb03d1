/**
 * A line of the story before anybody knows how wide the terminal is: a label in the gutter, one
 * idea beside it. `renderLine` gives it a width and colours.
 *
 *   entry ── view-after.ts ──▶ StoryLine[] ── renderLine ──▶ text
 */
import { bar } from './bar.ts';
import type { Paint, Style } from './paint.ts';
import { type DrawnCell, drawStrip } from './strip.ts';
import { clean, cut, displayWidth, pad, type Span, spansWidth, wrapSpans } from './text.ts';

export type StoryLine =
  | { readonly kind: 'gap' }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly label: string; readonly tone: Style; readonly spans: readonly Span[] }
  /** Columns as wide as they must be; a bar takes the remaining width, and the last column wraps. */
  | { readonly kind: 'table'; readonly label: string; readonly rows: readonly TableRow[] }
  /**
   * One line of something that has lines of its own: it keeps its indentation, and is cut where it does not
   * fit, before the character `shows` where that would be cut off.
   */
  | { readonly kind: 'verbatim'; readonly label: string; readonly span: Span; readonly shows: number }
  | { readonly kind: 'strip'; readonly cells: readonly DrawnCell[] };

/** `bar`: a fraction, 0 to 1. */
type TableCell = (Span & { readonly align?: 'right' }) | { readonly bar: number; readonly style: Style };

export interface TableRow {
  readonly cells: readonly TableCell[];
  readonly last: Span;
}

/** Columns of the gutter: the longest label and the space after it. */
export const gutter = 13;
const narrowest = 40;
const widestText = 110;
const widestBar = 32;
/** Where fewer columns than these remain, the last cell of a row goes below the others. */
const narrowestLast = 12;

export function text(label: string, spans: readonly (Span | string)[] | string, tone: Style = 'dim'): StoryLine {
  const list = typeof spans === 'string' ? [spans] : spans;
  return { kind: 'text', label, tone, spans: list.map((one) => (typeof one === 'string' ? { text: one } : one)) };
}

export const gap: StoryLine = { kind: 'gap' };

/** Lines of at most `width` columns, without line ends. */
export function renderLine(line: StoryLine, width: number, paint: Paint): string[] {
  const columns = Math.max(narrowest, width) - gutter;
  switch (line.kind) {
    case 'gap':
      return [''];
    case 'heading':
      return [headingLine(line.text, Math.max(narrowest, width), paint)];
    case 'text':
      return wrapSpans(line.spans, Math.min(columns, widestText)).map((spans, row) =>
        labelled(row === 0 ? line.label : '', line.tone, spans, paint),
      );
    case 'table':
      return tableLines(line.rows, Math.min(columns, widestText)).map((spans, row) =>
        labelled(row === 0 ? line.label : '', 'dim', spans, paint),
      );
    case 'verbatim': {
      const text = cutAround(clean(line.span.text), line.shows, columns);
      return [labelled(line.label, 'dim', [{ ...line.span, text }], paint)];
    }
    case 'strip':
      return stripLines(line.cells, columns).map((spans, row) =>
        labelled(row === 0 ? 'windows' : '', 'dim', spans, paint),
      );
  }
}

/** Characters before the one to show, so that it is seen where it stands. */
const context = 12;
/** Columns from the one to show on. */
const shown = 24;

function cutAround(text: string, shows: number, columns: number): string {
  const isShown = displayWidth(text) <= columns || displayWidth(text.slice(0, shows)) + shown <= columns;
  if (isShown) return cut(text, columns);
  // The sign of a line of a diff stands before its indentation.
  const lead = /^[-+]?\s*/.exec(text)?.[0] ?? '';
  return cut(`${lead}…${text.slice(Math.max(lead.length, shows - context))}`, columns);
}

export function labelled(label: string, tone: Style, spans: readonly Span[], paint: Paint): string {
  const short = cut(clean(label), gutter - 2);
  const body = spans.map((span) => paint(clean(span.text), span.style)).join('');
  return `${pad('', gutter - 2 - displayWidth(short))}${paint(short, tone)}  ${body}`.trimEnd();
}

function headingLine(heading: string, width: number, paint: Paint): string {
  const title = cut(clean(heading), width - 6);
  return `${paint('━━', 'dim')} ${paint(title, 'title')} ${paint('━'.repeat(Math.max(0, Math.min(width, gutter + widestText) - displayWidth(title) - 4)), 'dim')}`;
}

function stripLines(cells: readonly DrawnCell[], columns: number): Span[][] {
  const lines: Span[][] = [];
  for (let from = 0; from < cells.length; from += columns) {
    const { heights, letters } = drawStrip(cells, cells.slice(from, from + columns));
    lines.push(heights, letters);
  }
  return lines;
}

function tableLines(rows: readonly TableRow[], columns: number): Span[][] {
  const count = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.min(Math.floor(columns / 2), Math.max(0, ...rows.map(({ cells }) => cellWidth(cells[column])))),
  );
  const barColumn = rows[0]?.cells.findIndex((cell) => 'bar' in cell) ?? -1;
  if (barColumn >= 0) {
    const others = widths.reduce((sum, one) => sum + one + 2, 0) + Math.max(...rows.map(({ last }) => cellWidth(last)));
    widths[barColumn] = Math.max(4, Math.min(widestBar, columns - others));
  }
  return rows.flatMap((row) => rowLines(row, widths, columns));
}

function rowLines({ cells, last }: TableRow, widths: readonly number[], columns: number): Span[][] {
  const fixed = cells.flatMap((cell, column): Span[] => {
    const width = widths[column] ?? 0;
    if ('bar' in cell) return [...bar(cell.bar, width, cell.style), { text: '  ' }];
    const padded = pad(cut(clean(cell.text), width), width, cell.align);
    return [{ ...cell, text: padded }, { text: '  ' }];
  });
  const indent = spansWidth(fixed);
  const remaining = columns - indent;
  // Where there is too little room beside the other cells, the last one goes below them, a little to the right.
  if (remaining < Math.min(narrowestLast, cellWidth(last)))
    return [...wrapSpans(fixed, columns), ...wrapSpans([last], columns - 2).map((line) => [{ text: '  ' }, ...line])];
  return wrapSpans([last], remaining).map((line, index) =>
    index === 0 ? [...fixed, ...line] : [{ text: ' '.repeat(indent) }, ...line],
  );
}

function cellWidth(cell: TableCell | undefined): number {
  return cell === undefined || 'bar' in cell ? 0 : displayWidth(clean(cell.text));
}

/**
 * A line of the story before anybody knows how wide the terminal is: a label in the gutter, one
 * idea beside it. `renderLine` gives it a width and colours.
 *
 *   entry ── view-after.ts ──▶ StoryLine[] ── renderLine ──▶ text
 */
import type { Paint, Style } from './paint.ts';
import { type DrawnCell, drawStrip } from './strip.ts';
import { type TableRow, tableLines } from './table.ts';
import { clean, cut, displayWidth, pad, type Span, wrapSpans } from './text.ts';

export type StoryLine =
  | { readonly kind: 'gap' }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly label: string; readonly tone: Style; readonly spans: readonly Span[] }
  | { readonly kind: 'table'; readonly label: string; readonly rows: readonly TableRow[] }
  /**
   * One line of something that has lines of its own: it keeps its indentation, and is cut where it does not
   * fit, before the character `shows` where that would be cut off.
   */
  | { readonly kind: 'verbatim'; readonly label: string; readonly span: Span; readonly shows: number }
  | { readonly kind: 'strip'; readonly cells: readonly DrawnCell[] };

/** Columns of the gutter: the longest label and the space after it. */
export const gutter = 13;
const narrowest = 40;
const widestText = 110;

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

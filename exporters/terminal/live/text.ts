/**
 * Text in columns of a terminal: how wide it is, where it may be cut or wrapped. Knows wide and
 * zero-width characters and never splits a grapheme; control characters do not get through, so that
 * a name or a message can not move the cursor or change colours.
 */
import { unprintable } from '../../words/printable.ts';
import type { Style } from './paint.ts';

/** Some text in one style. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

/** Characters of one span that are shown: what the ledger holds may be as long as somebody's error message. */
const longestText = 2_000;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const printableAscii = /^[\x20-\x7e]*$/;
const control = new RegExp(`[${unprintable}]+`, 'gu');
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** @see Unicode Standard Annex #11, East Asian Width: W and F; emoji are shown two columns wide */
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;

/** `text` on one line, without anything a terminal would act on. */
export function clean(text: string): string {
  return text.replace(control, ' ');
}

/** Columns `text` (cleaned) takes. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += graphemeWidth(segment);
  return columns;
}

/** `text` in at most `columns` columns; what was cut off is shown as '…'. */
export function cut(text: string, columns: number): string {
  if (head(text, columns).length === text.length) return text;
  if (columns <= 0) return '';
  return `${head(text, columns - 1)}…`;
}

/** As `cut`, but of a longer text both ends are shown: the end of a name may be what tells it from another. */
export function cutMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns || columns < 3) return cut(text, columns);
  const start = head(text, Math.ceil((columns - 1) / 2));
  const room = columns - 1 - displayWidth(start);
  let end = '';
  for (const { segment } of [...graphemes.segment(text)].toReversed()) {
    if (displayWidth(segment + end) > room) break;
    end = segment + end;
  }
  return `${start}…${end}`;
}

export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + displayWidth(text), 0);
}

/**
 * Lines of at most `columns` columns, broken at spaces where there are any. At least one line. A span
 * longer than `longestText` is cut there.
 */
export function wrapSpans(spans: readonly Span[], columns: number): Span[][] {
  const limit = Math.max(1, columns);
  const lines: Span[][] = [];
  let line: Span[] = [];
  let used = 0;
  const breakLine = () => {
    lines.push(trimmed(line));
    line = [];
    used = 0;
  };
  for (const { piece, style } of pieces(spans)) {
    let rest = piece;
    while (rest !== '') {
      const width = displayWidth(rest);
      if (used + width <= limit) {
        if (used > 0 || rest !== ' ') line.push(styled(rest, style));
        used += used > 0 || rest !== ' ' ? width : 0;
        break;
      }
      // A space that does not fit is where the line breaks; a word longer than a line is split.
      if (rest === ' ') {
        breakLine();
        break;
      }
      if (used > 0) breakLine();
      else {
        const start = head(rest, limit) || (graphemes.segment(rest)[Symbol.iterator]().next().value?.segment ?? rest);
        line.push(styled(start, style));
        rest = rest.slice(start.length);
        breakLine();
      }
    }
  }
  if (line.length > 0 || lines.length === 0) lines.push(trimmed(line));
  return lines;
}

function graphemeWidth(segment: string): number {
  if (zeroWidth.test(segment)) return 0;
  return wide.test(segment) ? 2 : 1;
}

function head(text: string, columns: number): string {
  let used = 0;
  let end = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += graphemeWidth(segment);
    if (used > columns) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** A space at which a line may break: not the one between a number and its unit. */
const breaks = /( (?!%|(?<=\d )(?:µs|ms|s|min|h|k\/s|M\/s)(?![\p{L}\d])))/u;

/** Words and the single spaces between them. */
function* pieces(spans: readonly Span[]): Iterable<{ readonly piece: string; readonly style: Style | undefined }> {
  for (const { text, style } of spans) {
    for (const piece of clean(shortened(text)).split(breaks)) if (piece !== '') yield { piece, style };
  }
}

function shortened(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

function trimmed(line: readonly Span[]): Span[] {
  const end = line.findLastIndex(({ text }) => text !== ' ');
  return line.slice(0, end + 1);
}

function styled(text: string, style: Style | undefined): Span {
  return style === undefined ? { text } : { text, style };
}

/** A result as a few lines on stdout: the verdict, what was noted, the edit to make, where the report is, whether it replays. */
import type { Replay } from '../../tuner/replay.ts';
import { accountText } from '../report/account-words.ts';
import { unreadableText } from '../report/damage-words.ts';
import type { ReportData } from '../report/data.ts';
import { measuringFigures } from '../report/measuring-figures.ts';
import type { ReportPaths } from '../report/write-report.ts';
import { faultTexts } from '../words/faults.ts';
import { countedText, listText } from '../words/numbers.ts';
import { patchLines, patchLineText } from '../words/patch-lines.ts';
import { printable, printableLines } from '../words/printable.ts';
import { displayWidth, wrapSpans } from './live/text.ts';

/** Notes shown here, the newest; the report has all. */
const mostNotes = 5;

const labels: Readonly<Record<string, string>> = { Noise: 'noise   ', 'Cost of measuring': 'cost    ' };

/** Columns of the label of a line. */
const indent = 8;

/** Of the terminal that shows what is written; null where it is none. */
export function columnsOf({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number | null {
  return isTTY && columns > 0 ? columns : null;
}

/** @param width columns of the terminal that shows it, within which all but paths and the edit stay; null where none does */
export function resultText(
  data: ReportData,
  paths: ReportPaths | null,
  played: Replay | null,
  width: number | null = null,
): string {
  // Without an indent, which `git apply` would take for part of the lines.
  const diff = patchLines(data.settings.patches).map(patchLineText);
  const notes = data.notes.slice(-mostNotes).map(({ title, text }) => `note    ${title}: ${text}`);
  const told = [
    data.verdict.line,
    ...(data.verdict.why ? [data.verdict.why] : []),
    ...unreadableText(data.damage),
    ...faultTexts(data.damage),
    ...notes,
  ];
  const figures = [
    ...measuringFigures(data).map(({ name, value, note }) => `${labels[name] ?? ''}${value} (${note})`),
    ...(data.accounting ? [`calls   ${accountText(data.accounting)}`] : []),
  ];
  const files = paths ? [`report  ${paths.html}`, `        ${paths.markdown}`, `        ${paths.json}`] : [];
  // A text of the ledger is one line, or is indented below its first, so that no line can be taken for another.
  const lines = [
    ...told.flatMap((one) => within(printable(one), width)),
    ...(diff.length > 0 ? ['', ...diff] : []),
    '',
    ...figures.flatMap((one) => within(printable(one), width)),
    ...files.map(printable),
  ];
  // Recorded and replayed entries, which are indented, are JSON to be read by programs.
  const replayed = printableLines(
    `replay  ${played === null ? 'not made: sandtune replay makes it' : replayText(played)}`,
  );
  return `${[...lines, ...replayed.split('\n').flatMap((one) => (one.startsWith('  ') ? [one] : within(one, width)))].join('\n')}\n`;
}

/** The text in lines that break between words, below the first beside its label. */
function within(text: string, width: number | null): readonly string[] {
  if (width === null || displayWidth(text) <= width) return [text];
  const label = text.slice(0, indent);
  const columns = Math.max(2 * indent, width) - indent;
  const isLabelled = /^(?:\w+ +| +)$/.test(label);
  return wrapSpans([{ text: isLabelled ? text.slice(indent) : text }], columns).map((spans, row) => {
    const part = spans.map((one) => one.text).join('');
    return row === 0 ? `${isLabelled ? label : ''}${part}` : `${' '.repeat(indent)}${part}`;
  });
}

/** What a replay found: a sentence, and one for what could not be played. */
export function replayText(played: Replay): string {
  const { sessions, pruned, damaged, events, decisions, difference } = played;
  const leftOut = `${countedText(pruned, 'session')} whose oldest windows were dropped to keep the ledger small`;
  const broken = damagedText(damaged);
  if (sessions === 0) {
    if (broken !== null) return broken;
    return pruned > 0 ? `not possible of ${leftOut}` : 'of nothing: there is no session';
  }
  const seen = `${countedText(sessions, 'session')}, ${countedText(events, 'event')}, ${countedText(decisions, 'decision')}`;
  const without = pruned > 0 ? `, without ${leftOut}` : '';
  const lines =
    difference === null
      ? [`identical: every record comes out the same to the byte (${seen}${without})`]
      : [
          `different in session ${difference.session} (${seen} until there)`,
          `  recorded: ${difference.expected ?? 'nothing'}`,
          `  replayed: ${difference.got ?? 'nothing'}`,
        ];
  return [...lines, ...(broken === null ? [] : [broken])].join('\n');
}

function damagedText(damaged: readonly number[]): string | null {
  if (damaged.length === 0) return null;
  const listed = damaged.slice(0, mostListed).map(String);
  const more = damaged.length - listed.length;
  return `not possible of session ${listText([...listed, ...(more > 0 ? [`${more} more`] : [])])}: rows of it cannot be read`;
}

/** Damaged sessions that are named. */
const mostListed = 10;

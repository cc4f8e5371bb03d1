/** A result as a few lines on stdout: the verdict, what was noted, the edit to make, where the report is, whether it replays. */
import type { Replay } from '../../tuner/replay.ts';
import { unreadableText } from '../report/damage-words.ts';
import type { ReportData } from '../report/data.ts';
import { measuringFigures } from '../report/measuring-figures.ts';
import type { ReportPaths } from '../report/write-report.ts';
import { faultTexts } from '../words/faults.ts';
import { countedText, listText, wholeText } from '../words/numbers.ts';
import { patchLines, patchLineText } from '../words/patch-lines.ts';
import { printable, printableLines } from '../words/printable.ts';

/** Notes shown here, the newest; the report has all. */
const mostNotes = 5;

const labels: Readonly<Record<string, string>> = { Noise: 'noise   ', 'Cost of measuring': 'cost    ' };

export function resultText(data: ReportData, paths: ReportPaths | null, played: Replay | null): string {
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
  const rest = [
    ...measuringFigures(data).map(({ name, value, note }) => `${labels[name] ?? ''}${value} (${note})`),
    ...(data.accounting ? [`calls   ${accountingText(data.accounting)}`] : []),
    ...(paths ? [`report  ${paths.html}`, `        ${paths.markdown}`, `        ${paths.json}`] : []),
  ];
  // A text of the ledger is one line, so that no line can be taken for another.
  const lines = [...told.map(printable), ...(diff.length > 0 ? ['', ...diff] : []), '', ...rest.map(printable)];
  return `${lines.join('\n')}\n${printableLines(`replay  ${played === null ? 'not made: sandtune replay makes it' : replayText(played)}`)}\n`;
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

function accountingText({ offered, outcomes, inFlight, difference }: NonNullable<ReportData['accounting']>): string {
  const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const even = difference === 0 ? 'all accounted for' : `${wholeText(Math.abs(difference))} not accounted for`;
  return `${wholeText(offered)} offered, ${wholeText(settled)} settled, ${wholeText(inFlight)} in flight: ${even}`;
}

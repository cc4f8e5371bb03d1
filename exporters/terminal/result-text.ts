/** A result as a few lines on stdout: the verdict, the edit to make, where the report is, whether it replays. */
import type { Replay } from '../../tuner/replay.ts';
import type { ReportData } from '../report/data.ts';
import { stepsOf } from '../report/patch-lines.ts';
import { countedText, wholeText } from '../report/words.ts';
import type { ReportPaths } from '../report/write-report.ts';

export function resultText(data: ReportData, paths: ReportPaths | null, played: Replay): string {
  const signs = { file: '', del: '- ', add: '+ ' } as const;
  const diff = stepsOf(data.settings.patches).map(({ kind, text }) => `  ${signs[kind]}${text}`);
  return [
    data.verdict.line,
    ...(diff.length > 0 ? ['', ...diff] : []),
    '',
    ...(data.accounting ? [`calls   ${accountingText(data.accounting)}`] : []),
    ...(paths ? [`report  ${paths.html}`, `        ${paths.markdown}`, `        ${paths.json}`] : []),
    `replay  ${replayText(played)}`,
    '',
  ].join('\n');
}

/** One sentence. */
export function replayText({ sessions, events, decisions, identical, difference }: Replay): string {
  const seen = `${countedText(sessions, 'session')}, ${countedText(events, 'event')}, ${countedText(decisions, 'decision')}`;
  if (identical) return `identical: every record comes out the same to the byte (${seen})`;
  return [
    `different in session ${difference?.session} (${seen} until there)`,
    `  recorded: ${difference?.expected ?? 'nothing'}`,
    `  replayed: ${difference?.got ?? 'nothing'}`,
  ].join('\n');
}

function accountingText({ offered, outcomes, inFlight, difference }: NonNullable<ReportData['accounting']>): string {
  const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const even = difference === 0 ? 'all accounted for' : `${wholeText(Math.abs(difference))} not accounted for`;
  return `${wholeText(offered)} offered, ${wholeText(settled)} settled, ${wholeText(inFlight)} in flight: ${even}`;
}

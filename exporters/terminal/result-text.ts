/** A result as a few lines on stdout: the verdict, the edit to make, where the report is, whether it replays. */
import type { ChainFault } from '../../src/store/chain.ts';
import type { Replay } from '../../tuner/replay.ts';
import type { ReportData } from '../report/data.ts';
import type { ReportPaths } from '../report/write-report.ts';
import { countedText, wholeText } from '../words/numbers.ts';
import { patchLines } from '../words/patch-lines.ts';

export function resultText(data: ReportData, paths: ReportPaths | null, played: Replay): string {
  const signs = { file: '', del: '- ', add: '+ ' } as const;
  const diff = patchLines(data.settings.patches).map(({ kind, text }) => `  ${signs[kind]}${text}`);
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

/** What a replay found, in one sentence. */
export function replayText({ sessions, pruned, events, decisions, identical, difference }: Replay): string {
  const leftOut = `${countedText(pruned, 'session')} whose oldest windows were dropped to keep the ledger small`;
  if (sessions === 0) return pruned > 0 ? `not possible of ${leftOut}` : 'of nothing: there is no session';
  const seen = `${countedText(sessions, 'session')}, ${countedText(events, 'event')}, ${countedText(decisions, 'decision')}`;
  const without = pruned > 0 ? `, without ${leftOut}` : '';
  if (identical) return `identical: every record comes out the same to the byte (${seen}${without})`;
  return [
    `different in session ${difference?.session} (${seen} until there)`,
    `  recorded: ${difference?.expected ?? 'nothing'}`,
    `  replayed: ${difference?.got ?? 'nothing'}`,
  ].join('\n');
}

/** One sentence. */
export function faultText(fault: ChainFault): string {
  switch (fault.kind) {
    case 'altered':
      return `damaged: row ${fault.seq} of session ${fault.run} was altered`;
    case 'missing':
      return `damaged: ${countedText(fault.count, 'row')} before row ${fault.seq} of session ${fault.run} went missing`;
    case 'cut':
      return `damaged: ${countedText(fault.count, 'row')} at the end of session ${fault.run} went missing`;
    case 'orphan':
      return `damaged: row ${fault.seq} belongs to session ${fault.run}, which the ledger does not know`;
  }
}

function accountingText({ offered, outcomes, inFlight, difference }: NonNullable<ReportData['accounting']>): string {
  const settled = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const even = difference === 0 ? 'all accounted for' : `${wholeText(Math.abs(difference))} not accounted for`;
  return `${wholeText(offered)} offered, ${wholeText(settled)} settled, ${wholeText(inFlight)} in flight: ${even}`;
}

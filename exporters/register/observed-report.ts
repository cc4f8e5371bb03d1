/**
 * The report of a pool that was observed, and where it is. Several processes of one program observe pools of one
 * name, and end when they like, so each session has a folder of its own; the name alone leads to the newest.
 *
 *   report/worker-3041231231/report.html    of that session
 *   report/worker ─▶ worker-3041231231      of the one that was written last
 */
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Tuner } from '../../tuner/tune.ts';
import { measuringFigures } from '../report/measuring-figures.ts';
import { lastReport, type Report } from '../report/report.ts';
import { writeReportSync } from '../report/write-report.ts';
import { reportFolder } from '../terminal/report-folder.ts';
import { countedText } from '../words/numbers.ts';

/** At once, for a process that is ending. @returns what is to be told @throws {SandtuneError} where it cannot be written */
export function writeObserved(tuner: Tuner): readonly string[] {
  const made = lastReport(tuner.ledger);
  const { accounting, session } = made.data;
  const name = session?.executor ?? '';
  const calls = accounting === null ? '' : `, ${countedText(accounting.offered, 'call')}`;
  return [
    `observed '${name}'${calls}: ${made.data.verdict.line}`,
    ...measuringFigures(made.data).map(({ text }) => `'${name}': ${text}`),
    ...writtenTo(made, tuner.ledger.path),
  ];
}

/** @param ledger path of its file */
export function writtenTo(made: Report, ledger: string): readonly string[] {
  const all = reportFolder(ledger);
  if (all === null || made.data.session === null) return [];
  const { executor, session } = made.data.session;
  const name = executor.replace(/[^\w.-]+/g, '-');
  const folder = join(all, `${name}-${session}`);
  const { html } = writeReportSync(made, folder);
  leadTo(folder, join(all, name));
  return [`report of '${executor}': ${html}`];
}

/** Where there are no links, or something else has the name, the folder itself has to be looked for. */
function leadTo(folder: string, name: string): void {
  const made = `${folder}.link`;
  try {
    symlinkSync(basename(folder), made);
    renameSync(made, name);
  } catch {
    rmSync(made, { force: true });
  }
}

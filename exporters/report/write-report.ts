/** A report on disk: report.html, report.md, report.json in one folder. */
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { makeFolder } from '../../src/foundation/folders.ts';
import { checkPath, expected, reading } from '../../src/foundation/options.ts';
import type { Report } from './report.ts';

export interface ReportPaths {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
}

/**
 * Writes all three, replacing what is there.
 * @param folder made when missing
 * @returns the paths, below `folder`
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for what is no report or no folder; ERR_SANDTUNE_INPUT when the
 *   folder or a file in it cannot be written
 */
export async function writeReport(report: Report, folder: string): Promise<ReportPaths> {
  const files = filesOf(report, folder);
  try {
    makeFolder(folder);
    await Promise.all(files.map(([path, text]) => writeFile(path, text())));
  } catch (error) {
    throw notWritten(folder, error);
  }
  return pathsIn(folder);
}

/** The same at once, for a process that is ending. */
export function writeReportSync(report: Report, folder: string): ReportPaths {
  try {
    makeFolder(folder);
    for (const [path, text] of filesOf(report, folder)) writeFileSync(path, text());
  } catch (error) {
    throw notWritten(folder, error);
  }
  return pathsIn(folder);
}

function pathsIn(folder: string): ReportPaths {
  return {
    html: join(folder, 'report.html'),
    markdown: join(folder, 'report.md'),
    json: join(folder, 'report.json'),
  };
}

const wanted = 'what report() or reportOf() returns';

function filesOf(report: Report, folder: string): readonly (readonly [path: string, text: () => string])[] {
  const isReport = reading('writeReport()', wanted, report, () => typeof report?.html === 'string');
  if (!isReport) throw expected('writeReport()', wanted, report);
  checkPath('writeReport(): folder', folder);
  const { html, markdown, json } = pathsIn(folder);
  return [
    [html, () => report.html],
    [markdown, () => report.markdown],
    [json, () => report.json],
  ];
}

function notWritten(folder: string, cause: unknown): SandtuneError {
  const message = `report: expected a folder that can be written, got '${folder}': ${messageOf(cause)}`;
  return new SandtuneError('ERR_SANDTUNE_INPUT', message, { cause });
}

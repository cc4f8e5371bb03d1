/** A report on disk: report.html, report.md, report.json in one folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { checkText, expected } from '../../src/foundation/options.ts';
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
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION for what is no report or no folder; ERR_SANDTUNE_INPUT when the folder or a file in it cannot be written
 */
export async function writeReport(report: Report, folder: string): Promise<ReportPaths> {
  if (typeof report?.html !== 'string') throw expected('writeReport()', 'what report() or reportOf() returns', report);
  checkText('writeReport(): folder', folder);
  const paths = {
    html: join(folder, 'report.html'),
    markdown: join(folder, 'report.md'),
    json: join(folder, 'report.json'),
  };
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all([
      writeFile(paths.html, report.html),
      writeFile(paths.markdown, report.markdown),
      writeFile(paths.json, report.json),
    ]);
  } catch (error) {
    const message = `report: expected a folder that can be written, got '${folder}': ${messageOf(error)}`;
    throw new SandtuneError('ERR_SANDTUNE_INPUT', message, { cause: error });
  }
  return paths;
}

/** A report on disk: report.html, report.md, report.json in one folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
 */
export async function writeReport(report: Report, folder: string): Promise<ReportPaths> {
  const paths = {
    html: join(folder, 'report.html'),
    markdown: join(folder, 'report.md'),
    json: join(folder, 'report.json'),
  };
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(paths.html, report.html),
    writeFile(paths.markdown, report.markdown),
    writeFile(paths.json, report.json),
  ]);
  return paths;
}

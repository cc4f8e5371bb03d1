/**
 * What one part of the acceptance gives: rows of figure against limit, kept as JSON so that
 * `npm run accept` alone can print the table of all parts.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Row {
  readonly name: string;
  readonly value: number;
  /** The limit as a reader would say it: '≥ 11 of 12', '≤ 0.0152'. */
  readonly limit: string;
  readonly passed: boolean;
}

export interface PartResult {
  readonly part: string;
  readonly date: string;
  readonly node: string;
  readonly machine: string;
  readonly seconds: number;
  readonly seed: number;
  /** Runs of the size; a smaller count is indicative only. */
  readonly fullSize: boolean;
  readonly rows: readonly Row[];
  /** Whatever the part wants to keep of its single runs. */
  readonly runs: readonly unknown[];
}

const folder = '.sandtune/accept';

export async function savePart(result: PartResult): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${result.part}.json`);
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

export async function readParts(): Promise<PartResult[]> {
  const names = await readdir(folder).catch(() => []);
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readFile(join(folder, name), 'utf8')),
  );
  return texts.map((text) => JSON.parse(text) as PartResult);
}

export function tableOf(parts: readonly PartResult[]): string {
  const lines = ['| part | figure | value | limit | |', '|---|---|---|---|---|'];
  for (const { part, rows, fullSize, seconds } of parts) {
    for (const { name, value, limit, passed } of rows) {
      const size = fullSize ? '' : ' (indicative: not full size)';
      lines.push(`| ${part} | ${name}${size} | ${shortNumber(value)} | ${limit} | ${passed ? 'passed' : 'FAILED'} |`);
    }
    lines.push(`| ${part} | time | ${Math.round(seconds)} s | ≤ 1800 s | ${seconds <= 1800 ? 'passed' : 'FAILED'} |`);
  }
  return lines.join('\n');
}

function shortNumber(value: number): string {
  return Number.isInteger(value) ? `${value}` : value.toPrecision(4);
}

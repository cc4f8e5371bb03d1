/**
 * The results of the acceptance's parts, kept as JSON so that `npm run accept` alone can print the table
 * of all of them; and what a part is: something that runs and gives rows.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Row } from './rows.ts';

export interface PartOptions {
  readonly count: number;
  readonly seed: number;
  readonly progress: (text: string) => void;
}

export interface Part {
  /** Size at which the limits are judged. */
  readonly fullCount: number;
  readonly run: (options: PartOptions) => Promise<{ readonly rows: readonly Row[]; readonly runs: readonly unknown[] }>;
}

export interface PartResult {
  readonly part: string;
  readonly date: string;
  readonly node: string;
  readonly machine: string;
  readonly seconds: number;
  readonly seed: number;
  /** Runs of the full size; a smaller count is indicative only. */
  readonly fullSize: boolean;
  readonly rows: readonly Row[];
  /** Whatever the part wants to keep of its single runs. */
  readonly runs: readonly unknown[];
}

const folder = '.sandtune/accept';
const longestSeconds = 1800;

/** Every row that was judged passed, and in time. */
export function isPassed({ rows, seconds }: PartResult): boolean {
  return rows.every((row) => row.passed !== false) && seconds <= longestSeconds;
}

/** The whole acceptance: every part is there, at full size, and passed. */
export function isAccepted(parts: readonly PartResult[], names: readonly string[]): boolean {
  return names.every((name) => parts.some((one) => one.part === name && one.fullSize && isPassed(one)));
}

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
    const time: Row = {
      name: 'time, s',
      value: Math.round(seconds),
      limit: `≤ ${longestSeconds}`,
      passed: seconds <= longestSeconds,
    };
    const size = fullSize ? '' : ' (indicative: not full size)';
    for (const row of [...rows, time])
      lines.push(
        `| ${part} | ${row.name}${size} | ${shortNumber(row.value)} | ${row.limit ?? 'none'} | ${judged(row)} |`,
      );
  }
  return lines.join('\n');
}

function judged({ passed, limit }: Row): string {
  if (passed === null) return limit === null ? '' : 'not judged';
  return passed ? 'passed' : 'FAILED';
}

/** A value that is not a number, such as the median of no values, was written as null in the JSON. */
function shortNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return 'none';
  return Number.isInteger(value) ? `${value}` : value.toPrecision(4);
}

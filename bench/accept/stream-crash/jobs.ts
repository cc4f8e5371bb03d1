/** The jobs that are killed: what they read, and what their output must be when they are through. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';

/**
 * files: a file sink that is cut back, checkpoints in files. database: output and checkpoint in one transaction.
 * append: at-least-once into a sink that undoes nothing, checkpoints in a database.
 */
export type Form = 'files' | 'database' | 'append';

export const forms: readonly Form[] = ['files', 'database', 'append'];

export interface JobSpec {
  readonly form: Form;
  readonly folder: string;
  readonly records: number;
  /** Lines carry a running sum that a guest keeps: one record too many or too few shows in all that follow. */
  readonly keepsState: boolean;
  /** Records in flight at most. */
  readonly bufferRecords: number;
  readonly checkpointBytes: number;
  readonly checkpointIntervalMs: number;
  /** What each record takes, ms. */
  readonly paceMs: number;
  readonly concurrency: number;
  /** One behind the other, for jobs that keep no state. @defaultValue 1 */
  readonly stages?: number;
  /** Of results; another than the partition's for jobs that append. @defaultValue 'partition' */
  readonly ordering?: 'none' | 'key' | 'partition';
  /** A few records take so much longer than the others, ms. @defaultValue 0 */
  readonly slowMs?: number;
  /** Settings are changed each 100 ms. */
  readonly isRestless: boolean;
}

export const jobName = 'accept';

export const pathsOf = (folder: string) => ({
  input: join(folder, 'in.txt'),
  output: join(folder, 'out.txt'),
  database: join(folder, 'out.sqlite'),
  checkpoints: join(folder, 'checkpoints'),
  store: join(folder, 'checkpoints.sqlite'),
});

const lineOf = (index: number) => `record ${String(index).padStart(7, '0')} ${crc32(`${index}`).toString(36)}`;
/** Bytes of a line of output without its end, at least. */
const lineBytes = 29;

export function writeInput({ folder, records }: Pick<JobSpec, 'folder' | 'records'>): void {
  const lines = Array.from({ length: records }, (_, index) => `${lineOf(index)}\n`);
  writeFileSync(pathsOf(folder).input, lines.join(''));
}

/** What the job makes of a line. @param sum of all lines up to it */
export function resultOf(line: string, sum: number): string {
  return `${sum.toString(16).padStart(8, '0')} ${line}`;
}

function expectedLines({ records, keepsState }: Pick<JobSpec, 'records' | 'keepsState'>): readonly string[] {
  let sum = 0;
  return Array.from({ length: records }, (_, index) => {
    const line = lineOf(index);
    sum = keepsState ? (sum + crc32(line)) >>> 0 : crc32(line);
    return resultOf(line, sum);
  });
}

/** null: the output is what the delivery promises. */
export function wrongIn(spec: JobSpec): string | null {
  const expected = expectedLines(spec);
  const got = linesOf(spec);
  if (spec.form !== 'append') {
    const at = expected.findIndex((line, index) => line !== got[index]);
    if (at >= 0) return `line ${at}: expected '${expected[at]}', got '${got[at]}'`;
    return got.length === expected.length ? null : `expected ${expected.length} lines, got ${got.length}`;
  }
  const times = new Map<string, number>();
  for (const line of got) times.set(line, (times.get(line) ?? 0) + 1);
  const lost = expected.filter((line) => !times.has(line));
  const foreign = [...times.keys()].length + lost.length - expected.length;
  return lost.length === 0 && foreign === 0 ? null : `${lost.length} lines lost, ${foreign} that are none of its`;
}

/**
 * Lines that a kill may make an at-least-once job repeat: those of one interval, and the one that fills it; where
 * guests keep state, also those that were in a call when the interval was over.
 */
export function mostRepeated({
  checkpointBytes,
  keepsState,
  bufferRecords,
}: Pick<JobSpec, 'checkpointBytes' | 'keepsState' | 'bufferRecords'>): number {
  return Math.ceil(checkpointBytes / lineBytes) + 1 + (keepsState ? bufferRecords : 0);
}

/** Lines that stand in the output of an at-least-once run more often than once. */
export function repeatedIn(spec: JobSpec): number {
  return linesOf(spec).length - spec.records;
}

function linesOf({ form, folder }: JobSpec): readonly string[] {
  const { output, database } = pathsOf(folder);
  if (form !== 'database') return readFileSync(output, 'utf8').split('\n').slice(0, -1);
  using open = new DatabaseSync(database, { readOnly: true });
  const rows = open.prepare('SELECT bytes FROM records ORDER BY record_offset, part').all();
  return rows.map(({ bytes }) => Buffer.from(bytes as Uint8Array).toString());
}

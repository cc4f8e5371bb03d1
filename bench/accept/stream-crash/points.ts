/**
 * Each call by which a job puts something on disk, as a point at which it can be killed. The calls that belong to the
 * output and those that belong to the checkpoints are made by threads of their own; strace counts them by thread,
 * of these paths alone.
 */
import { join } from 'node:path';
import type { Injection } from '../disk/strace.ts';
import { type JobSpec, jobName, pathsOf } from './jobs.ts';
import { live } from './lives.ts';

export interface Point {
  readonly group: 'output' | 'checkpoints';
  readonly call: string;
  /** From 1. */
  readonly when: number;
}

export interface PointCount extends Omit<Point, 'when'> {
  readonly count: number;
}

const calls = ['write', 'writev', 'pwrite64', 'pwritev', 'fsync', 'fdatasync', 'rename', 'ftruncate'];
/** More than a job has. */
const mostEpochs = 80;

export const groups = ['output', 'checkpoints'] as const;

/** How often each call is made by a job that nobody disturbs. */
export async function countsOf(spec: JobSpec, group: Point['group']): Promise<readonly PointCount[]> {
  const paths = pathsIn(spec, group);
  if (paths.length === 0) return [];
  const { isDone, byCall, complaint } = await live(spec, { calls: calls.join(), what: '', paths });
  if (!isDone) throw new Error(`${spec.form}: expected the job to end, got: ${complaint}`);
  return Object.entries(byCall).map(([call, count]) => ({ group, call, count }));
}

export function pointsOf(counts: readonly PointCount[]): readonly Point[] {
  return counts.flatMap(({ group, call, count }) =>
    Array.from({ length: count }, (_, index) => ({ group, call, when: index + 1 })),
  );
}

export function killAt(spec: JobSpec, { group, call, when }: Point): Injection {
  return { calls: call, what: `signal=KILL:when=${when}`, paths: pathsIn(spec, group) };
}

function pathsIn({ form, folder }: JobSpec, group: Point['group']): readonly string[] {
  const { output, database, checkpoints, store } = pathsOf(folder);
  const files = (path: string) => ['', '-wal', '.new', '.new-wal', '.new-journal'].map((end) => path + end);
  // Output and checkpoints are in one file.
  if (form === 'database') return group === 'output' ? files(database) : [];
  if (group === 'output') return [output];
  if (form === 'append') return files(store);
  const own = join(checkpoints, jobName);
  const epochs = Array.from({ length: mostEpochs }, (_, index) => String(index + 1).padStart(12, '0'));
  return [own, `${own}.last`, ...epochs.map((epoch) => join(own, `0000000001-${epoch}.checkpoint.new`))];
}

/**
 * `kill -9` at each call by which a job puts something on disk: at the first, the second … the last one of each
 * kind that a job which nobody disturbs makes, of the output and of the checkpoints apart. The next life must
 * end with the output that the delivery promises: effectively-once, byte for byte; at-least-once loses nothing
 * and repeats what one interval holds, at most. The control restarts without the checkpoints.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { straceRefused } from './disk/strace.ts';
import { temporaryDirectory } from './disk/temporary-directory.ts';
import type { PartOptions } from './results.ts';
import { atLeast, atMost, exactly, type Row, skipped, withoutLimit } from './rows.ts';
import { forms, type JobSpec, lineBytes, pathsOf, repeatedIn, writeInput, wrongIn } from './stream-crash/jobs.ts';
import { live } from './stream-crash/lives.ts';
import { countsOf, groups, killAt, type Point, type PointCount, pointsOf } from './stream-crash/points.ts';

/** Crash points at full size; where a job has more of them they are spread. */
const fullCount = 400;
const laneCount = 2;
const records = 1000;
/** Of 1,000 lines of 30 bytes: a job has about five checkpoints. */
const checkpointBytes = 7000;
const bufferRecords = 50;
const controls = 3;
/** A write of an at-least-once job that comes late in it. */
const lateWrite = 55;

interface CrashRun extends Point {
  readonly form: JobSpec['form'];
  /** false: the job made fewer such calls this time, and ended before. */
  readonly isKilled: boolean;
  readonly repeated: number;
  readonly wrong: string | null;
}

/** Lines of an interval, of the next one, which goes on while the checkpoint at the end of the first is saved, and those in flight. */
const mostRepeated = 2 * Math.ceil(checkpointBytes / lineBytes) + bufferRecords;

export const streamCrash = {
  fullCount,
  async run({ count, progress }: PartOptions) {
    const noTrace = straceRefused();
    if (noTrace !== null) return { rows: [skipped('jobs that are killed at a call', noTrace)], runs: [] };
    // One thread for the files of the host, so that its calls come in one order.
    process.env['UV_THREADPOOL_SIZE'] = '1';
    const counted: { form: JobSpec['form']; counts: readonly PointCount[] }[] = [];
    for (const form of forms) {
      const counts: PointCount[] = [];
      for (const group of groups) counts.push(...(await withJob(form, (spec) => countsOf(spec, group))));
      counted.push({ form, counts });
    }
    progress(JSON.stringify(counted));
    const all = counted.flatMap(({ form, counts }) => pointsOf(counts).map((point) => ({ form, ...point })));
    const most = Math.min(count, all.length);
    const points = Array.from(
      { length: most },
      (_, index) => all[Math.floor((index * all.length) / most)] as (typeof all)[number],
    );
    const runs: CrashRun[] = [];
    const lanes = Array.from({ length: laneCount }, async () => {
      for (let point = points.shift(); point; point = points.shift()) {
        runs.push(await crash(point.form, point));
        if (runs.length % 20 === 0)
          progress(`${runs.length} of ${most}, ${runs.filter(({ wrong }) => wrong).length} wrong`);
      }
    });
    await Promise.all(lanes);
    const lost: boolean[] = [];
    for (let index = 0; index < Math.min(controls, count); index++) lost.push(await withoutCheckpoints());
    return {
      rows: [
        ...rowsOf(counted, runs),
        exactly(
          'repeated without its checkpoints (the same test must fail)',
          lost.filter((one) => one).length,
          lost.length,
        ),
      ],
      runs: [{ counted, runs }],
    };
  },
};

async function withJob<T>(form: JobSpec['form'], work: (spec: JobSpec) => Promise<T>): Promise<T> {
  await using folder = await temporaryDirectory(tmpdir());
  const spec: JobSpec = {
    form,
    folder: folder.path,
    records,
    keepsState: false,
    bufferRecords,
    checkpointBytes,
    checkpointIntervalMs: 60_000,
    paceMs: 0,
    concurrency: 16,
    isRestless: false,
  };
  writeInput(spec);
  return await work(spec);
}

function crash(form: JobSpec['form'], point: Point): Promise<CrashRun> {
  return withJob(form, async (spec) => {
    const first = await live(spec, killAt(spec, point));
    const second = first.isDone ? first : await live(spec, null);
    const wrong = second.isDone
      ? wrongIn(spec)
      : `the next life did not end: ${first.complaint}${second.complaint}`.slice(0, 2000);
    return { form, ...point, isKilled: first.isKilled, repeated: wrong === null ? repeatedIn(spec) : 0, wrong };
  });
}

/** An at-least-once job whose checkpoints are gone after its first life repeats all that it had written. */
function withoutCheckpoints(): Promise<boolean> {
  return withJob('append', async (spec) => {
    const { store } = pathsOf(spec.folder);
    await live(spec, killAt(spec, { group: 'output', call: 'write', when: lateWrite }));
    for (const end of ['', '-wal', '-shm']) rmSync(store + end, { force: true });
    await live(spec, null);
    return repeatedIn(spec) > mostRepeated;
  });
}

function rowsOf(
  counted: readonly { form: JobSpec['form']; counts: readonly PointCount[] }[],
  runs: readonly CrashRun[],
): Row[] {
  return counted.flatMap(({ form, counts }) => {
    const own = runs.filter((run) => run.form === form);
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    return [
      ...counts.map(({ group, call, count }) =>
        withoutLimit(`${form}: ${call} of the ${group}, by the thread with most`, count),
      ),
      atLeast(`${form}: crash points`, total, 1),
      atLeast(`${form}: of these a job was killed at`, own.filter(({ isKilled }) => isKilled).length, 1),
      exactly(`${form}: outputs that are not what was promised`, own.filter(({ wrong }) => wrong).length, 0),
      form === 'append'
        ? atMost(`${form}: most lines repeated`, Math.max(0, ...own.map(({ repeated }) => repeated)), mostRepeated)
        : exactly(`${form}: most lines repeated`, Math.max(0, ...own.map(({ repeated }) => repeated)), 0),
    ];
  });
}

/**
 * `kill -9` at each call by which a job puts something on disk: at the first, the second … the last one of each
 * kind that a job which nobody disturbs makes, of the output and of the checkpoints apart. The next life must
 * end with the output that the delivery promises: effectively-once, byte for byte; at-least-once loses nothing
 * and repeats what one interval holds, at most. Each point is met twice: by a job left alone, and by one whose batch size
 * and lanes change each 100 ms. The control restarts without the checkpoints.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { straceRefused } from './disk/strace.ts';
import { temporaryDirectory } from './disk/temporary-directory.ts';
import type { PartOptions } from './results.ts';
import { atLeast, atMost, exactly, type Row, skipped, withoutLimit } from './rows.ts';
import { forms, type JobSpec, mostRepeated, pathsOf, repeatedIn, writeInput, wrongIn } from './stream-crash/jobs.ts';
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
/** What a call takes while settings change, ms. */
const restlessPaceMs = 5;
/** How late in an at-least-once job the write comes at which the control is killed. */
const late = 0.8;

interface CrashRun extends Point {
  readonly form: JobSpec['form'];
  readonly isRestless: boolean;
  /** false: the job made fewer such calls this time, and ended before. */
  readonly isKilled: boolean;
  readonly repeated: number;
  readonly wrong: string | null;
}

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
      for (const group of groups)
        counts.push(...(await withJob({ form, isRestless: false }, (spec) => countsOf(spec, group))));
      counted.push({ form, counts });
    }
    progress(JSON.stringify(counted));
    const all = counted.flatMap(({ form, counts }) => pointsOf(counts).map((point) => ({ form, ...point })));
    const met = Math.min(count, all.length);
    const chosen = Array.from(
      { length: met },
      (_, index) => all[Math.floor((index * all.length) / met)] as (typeof all)[number],
    );
    const points = chosen.flatMap((point) => [false, true].map((isRestless) => ({ ...point, isRestless })));
    const most = points.length;
    const runs: CrashRun[] = [];
    const lanes = Array.from({ length: laneCount }, async () => {
      for (let point = points.shift(); point; point = points.shift()) {
        runs.push(await crash(point, point));
        if (runs.length % 20 === 0)
          progress(`${runs.length} of ${most}, ${runs.filter(({ wrong }) => wrong).length} wrong`);
      }
    });
    await Promise.all(lanes);
    const lost: boolean[] = [];
    for (let index = 0; index < Math.min(controls, count); index++)
      lost.push(await withoutCheckpoints(lateWriteOf(counted)));
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

async function withJob<T>(kind: Pick<JobSpec, 'form' | 'isRestless'>, work: (spec: JobSpec) => Promise<T>): Promise<T> {
  await using folder = await temporaryDirectory(tmpdir());
  const spec: JobSpec = {
    ...kind,
    folder: folder.path,
    records,
    keepsState: false,
    bufferRecords,
    checkpointBytes,
    checkpointIntervalMs: 60_000,
    // Long enough for settings to change in it.
    paceMs: kind.isRestless ? restlessPaceMs : 0,
    concurrency: 16,
  };
  writeInput(spec);
  return await work(spec);
}

function crash(kind: Pick<JobSpec, 'form' | 'isRestless'>, point: Point): Promise<CrashRun> {
  return withJob(kind, async (spec) => {
    const first = await live(spec, killAt(spec, point));
    const second = first.isDone ? first : await live(spec, null);
    const wrong = second.isDone
      ? wrongIn(spec)
      : `the next life did not end: ${first.complaint}${second.complaint}`.slice(0, 2000);
    return { ...kind, ...point, isKilled: first.isKilled, repeated: wrong === null ? repeatedIn(spec) : 0, wrong };
  });
}

function lateWriteOf(counted: readonly { form: JobSpec['form']; counts: readonly PointCount[] }[]): number {
  const { counts = [] } = counted.find(({ form }) => form === 'append') ?? {};
  return Math.ceil(late * (counts.find(({ group, call }) => group === 'output' && call === 'write')?.count ?? 1));
}

/** An at-least-once job whose checkpoints are gone after its first life repeats all that it had written. */
function withoutCheckpoints(when: number): Promise<boolean> {
  return withJob({ form: 'append', isRestless: false }, async (spec) => {
    const { store } = pathsOf(spec.folder);
    await live(spec, killAt(spec, { group: 'output', call: 'write', when }));
    for (const end of ['', '-wal', '-shm']) rmSync(store + end, { force: true });
    await live(spec, null);
    return repeatedIn(spec) > mostRepeated(spec);
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
      ...[false, true].flatMap((isRestless) => rowsOfRuns(form, isRestless, own)),
    ];
  });
}

function rowsOfRuns(form: JobSpec['form'], isRestless: boolean, all: readonly CrashRun[]): Row[] {
  const runs = all.filter((run) => run.isRestless === isRestless);
  const name = isRestless ? `${form}, settings changing` : form;
  const repeated = Math.max(0, ...runs.map((run) => run.repeated));
  return [
    withoutLimit(`${name}: points met`, runs.length),
    atLeast(`${name}: of these a job was killed at`, runs.filter(({ isKilled }) => isKilled).length, 1),
    exactly(`${name}: outputs that are not what was promised`, runs.filter(({ wrong }) => wrong).length, 0),
    form === 'append'
      ? atMost(
          `${name}: most lines repeated`,
          repeated,
          mostRepeated({ checkpointBytes, keepsState: false, bufferRecords }),
        )
      : exactly(`${name}: most lines repeated`, repeated, 0),
  ];
}

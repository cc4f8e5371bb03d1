/**
 * An older run of a job that was stopped at a call by which it changes its output or its checkpoints, at each of them
 * in turn, and goes on after a later run has taken the job over and ended: not one byte of the output may change, nor
 * may the older one believe that it has ended well. Three histories: the older one is the first; it goes on from one
 * that was killed; it took the job over itself, from one that is stopped as well.
 *
 * Where the older one holds a lock meanwhile (SQLite's, within a transaction) the later one is refused with an error
 * that says so, and the older one ends as if nothing had been.
 */
import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProgramRun, straceRefused } from './disk/strace.ts';
import { temporaryDirectory } from './disk/temporary-directory.ts';
import type { PartOptions } from './results.ts';
import { atLeast, exactly, skipped, withoutLimit } from './rows.ts';
import { type JobSpec, jobName, pathsOf, writeInput, wrongIn } from './stream-crash/jobs.ts';
import { live } from './stream-crash/lives.ts';
import { type HeldAt, type OlderRun, olderRun } from './stream-zombie/older-run.ts';

/** Points at full size; where there are more they are spread. */
const fullCount = 200;
const laneCount = 2;
const records = 300;
const checkpointBytes = 2500;

/** Calls of a kind that a run which goes on, or takes over, may make beside those of a first one: it cuts, copies, clears. */
const moreLater = 2;

type History = 'first' | 'resumed' | 'taking';
const histories: readonly History[] = ['first', 'resumed', 'taking'];
const calls = ['pwrite64', 'pwritev', 'ftruncate', 'fdatasync', 'fsync', 'rename', 'unlink', 'writev'] as const;

interface ZombieRun {
  readonly history: History;
  readonly form: 'files' | 'database';
  readonly call: string;
  readonly when: number;
  readonly met: 'taken over' | 'refused' | 'not met';
  readonly wrong: string | null;
}

type Point = Pick<ZombieRun, 'history' | 'form' | 'call' | 'when'>;

export const streamZombie = {
  fullCount,
  async run({ count, progress }: PartOptions) {
    const noTrace = straceRefused();
    if (noTrace !== null) return { rows: [skipped('runs that are stopped at a call', noTrace)], runs: [] };
    const counted = { files: await countsOf('files'), database: await countsOf('database') };
    progress(JSON.stringify(counted));
    const all = pointsOf(counted);
    const met = Math.min(count, all.length);
    const points = Array.from({ length: met }, (_, i) => all[Math.floor((i * all.length) / met)] as Point);
    const runs: ZombieRun[] = [];
    const lanes = Array.from({ length: laneCount }, async () => {
      for (let point = points.shift(); point; point = points.shift()) {
        runs.push(await haunted(point));
        if (runs.length % 10 === 0)
          progress(`${runs.length} of ${met}, ${runs.filter(({ wrong }) => wrong !== null).length} wrong`);
      }
    });
    await Promise.all(lanes);
    const of = (form: Point['form'], what: ZombieRun['met']) =>
      runs.filter((run) => run.form === form && run.met === what).length;
    return {
      rows: [
        ...Object.entries(counted).flatMap(([form, counts]) =>
          Object.entries(counts).map(([call, times]) =>
            withoutLimit(`${form}: ${call}, by the thread with most`, times),
          ),
        ),
        atLeast('points there are', all.length, 1),
        atLeast(
          'files: taken over from a run that is stopped at a call',
          of('files', 'taken over'),
          count >= fullCount ? 20 : 1,
        ),
        withoutLimit('files: refused while a run that is stopped holds a lock', of('files', 'refused')),
        withoutLimit('database: taken over', of('database', 'taken over')),
        withoutLimit('database: refused while a run that is stopped holds a lock', of('database', 'refused')),
        exactly(
          'outputs that the older run has changed, or that are not what was promised',
          runs.filter(({ wrong }) => wrong !== null).length,
          0,
        ),
      ],
      runs,
    };
  },
};

type Counts = Readonly<Record<Point['form'], ProgramRun['byCall']>>;

/** How often each call is made by a run that nobody disturbs. */
async function countsOf(form: Point['form']): Promise<ProgramRun['byCall']> {
  await using folder = await temporaryDirectory(tmpdir());
  const spec = specOf(form, folder.path);
  writeInput(spec);
  const { isDone, byCall, complaint } = await live(spec, { calls: calls.join(), what: '', paths: pathsIn(spec) });
  if (!isDone) throw new Error(`${form}: expected the run to end, got: ${complaint}`);
  return byCall;
}

/** Neighbours differ in history, so that a sample has all. */
function pointsOf(counted: Counts): readonly Point[] {
  return (['files', 'database'] as const).flatMap((form) =>
    calls.flatMap((call) => {
      const times = counted[form][call] ?? 0;
      return Array.from({ length: times + moreLater }, (_, index) => index + 1).flatMap((when) =>
        (form === 'files' ? histories : histories.slice(0, 2))
          .filter((history) => history !== 'first' || when <= times)
          .map((history) => ({ history, form, call, when })),
      );
    }),
  );
}

function specOf(form: Point['form'], folder: string): JobSpec {
  return {
    form,
    folder,
    records,
    keepsState: false,
    bufferRecords: 50,
    checkpointBytes,
    checkpointIntervalMs: 60_000,
    paceMs: 0,
    concurrency: 4,
    isRestless: false,
  };
}

async function haunted(point: Point): Promise<ZombieRun> {
  await using folder = await temporaryDirectory(tmpdir());
  const { form, history, call, when } = point;
  const spec = specOf(form, folder.path);
  writeInput(spec);
  const stopped: OlderRun[] = [];
  const holdAt = async (at: Pick<HeldAt, 'call' | 'when'>) => {
    const run = await olderRun(spec, { ...at, paths: pathsIn(spec) });
    stopped.push(run);
    return run;
  };
  const { output } = pathsOf(spec.folder);
  try {
    if (history === 'resumed')
      await live(spec, { calls: 'pwrite64,pwritev', what: 'signal=KILL:when=4', paths: [output] });
    if (history === 'taking' && !(await holdAt({ call: 'pwrite64', when: 3 })).isHeld)
      return { ...point, met: 'not met', wrong: await allGoneOn(stopped, spec, null) };
    const older = await holdAt({ call, when });
    if (!older.isHeld) return { ...point, met: 'not met', wrong: await allGoneOn(stopped, spec, null) };
    const later = await live(spec, null);
    if (!later.isDone) {
      const isTyped = /ERR_SANDTUNE_(CHECKPOINT|SINK)/.test(later.complaint);
      const wrong = isTyped ? await allGoneOn(stopped, spec, null) : later.complaint.slice(0, 1000);
      return { ...point, met: 'refused', wrong };
    }
    return { ...point, met: 'taken over', wrong: wrongIn(spec) ?? (await allGoneOn(stopped, spec, markOf(spec))) };
  } finally {
    await Promise.all(stopped.map((run) => run.goOn()));
  }
}

/** Bytes and file of the output; of a database its rows, which `wrongIn()` reads. */
function markOf({ form, folder }: JobSpec): string {
  const { output } = pathsOf(folder);
  return form === 'files' ? `${statSync(output).ino} ${readFileSync(output, 'latin1')}` : '';
}

/** @param mark of the output of a later run that has ended; null where there is none @returns what is wrong then */
async function allGoneOn(stopped: readonly OlderRun[], spec: JobSpec, mark: string | null): Promise<string | null> {
  const ends = await Promise.all(stopped.map((run) => run.goOn()));
  if (mark !== null) {
    const well = ends.filter(({ isDone }) => isDone).length;
    if (well > 0) return `${well} older runs believe that they have ended well`;
    // One that had saved its last checkpoint writes no more that it could be fenced off from: it finds another output.
    const isTold = ({ complaint }: (typeof ends)[number]) =>
      complaint.includes('ERR_SANDTUNE_FENCED') || complaint.includes('another file was put in its place');
    const other = ends.find((one) => !isTold(one));
    if (other) return `expected ERR_SANDTUNE_FENCED, got ${other.complaint.slice(0, 1000)}`;
    if (markOf(spec) !== mark) return 'the older run has changed the output';
    return wrongIn(spec);
  }
  // Whoever is the newest has the job now; the next one ends it.
  const next = await live(spec, null);
  return next.isDone ? wrongIn(spec) : `the next life did not end: ${next.complaint.slice(0, 1000)}`;
}

function pathsIn({ form, folder }: JobSpec): readonly string[] {
  const { output, database, checkpoints } = pathsOf(folder);
  if (form === 'database') return ['', '-wal', '.new'].map((end) => database + end);
  const own = join(checkpoints, jobName);
  const epochs = Array.from({ length: 20 }, (_, i) => String(i + 1).padStart(12, '0'));
  const drafts = [1, 2, 3].map((token) => `${output}.${token}.taking`);
  return [
    output,
    ...drafts,
    own,
    ...[1, 2, 3].flatMap((token) => epochs.map((epoch) => join(own, `000000000${token}-${epoch}.checkpoint.new`))),
  ];
}

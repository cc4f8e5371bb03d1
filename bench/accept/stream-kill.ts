/**
 * `SIGKILL` at random moments of a job's life, life after life until the job is done, and then the next job; a tenth
 * of them and more before a life has saved a checkpoint of its own, while it still catches up. Jobs of each
 * form take turns, every other one with a guest that keeps a running sum, the others over one to three stages, some of
 * whose records take long; those that append keep the order of the partition, of keys, or none. Settings change each
 * 100 ms. The output of each must be what its delivery promises.
 */
import { tmpdir } from 'node:os';
import { type RandomSource, randomStream } from '../../src/foundation/random.ts';
import { type CheckpointStorage, databaseCheckpoints, fileCheckpoints } from '../../src/stream/index.ts';
import { temporaryDirectory } from './disk/temporary-directory.ts';
import type { PartOptions } from './results.ts';
import { atLeast, atMost, exactly, withoutLimit } from './rows.ts';
import {
  forms,
  type JobSpec,
  jobName,
  mostRepeated,
  pathsOf,
  repeatedIn,
  writeInput,
  wrongIn,
} from './stream-crash/jobs.ts';
import { type Life, liveFor } from './stream-crash/lives.ts';

const fullCount = 1000;
const laneCount = 2;
/** Of a job; in a sample it is short, since a job that is killed ends with a life that is let. */
const records = { full: 4000, sample: 800 } as const;
const checkpointBytes = 4000;
const checkpointIntervalMs = 20;
const bufferRecords = 100;
/** Longest to its kill, ms: mostly from what a run delivers first, and of every fourth life from its begin. */
const longestMs = { usually: 250, early: 50 } as const;
const early = 4;
/** Lives after which a job is let. */
const mostLives = 200;
/** What a few records take, ms: while one does, all others pass it where results keep no order. */
const slowMs = 200;
const orderings = ['none', 'key', 'partition'] as const;

interface KilledJob {
  readonly form: JobSpec['form'];
  readonly keepsState: boolean;
  readonly stages: number;
  readonly ordering: string;
  readonly kills: number;
  /** Kills of lives that had not saved a checkpoint yet. */
  readonly early: number;
  readonly repeated: number;
  /** Lines that one kill may make it repeat. */
  readonly allowed: number;
  readonly wrong: string | null;
}

export const streamKill = {
  fullCount,
  async run({ count, seed, progress }: PartOptions) {
    const jobs: KilledJob[] = [];
    let begun = 0;
    const killed = () => jobs.reduce((sum, { kills }) => sum + kills, 0);
    const lanes = Array.from({ length: laneCount }, async () => {
      while (killed() < count) {
        const index = begun++;
        jobs.push(
          await killJob(index, count < fullCount ? 'sample' : 'full', randomStream(seed, `kills of job ${index}`)),
        );
        progress(
          `${killed()} kills of ${count}, ${jobs.length} jobs, ${jobs.filter(({ wrong }) => wrong).length} wrong`,
        );
      }
    });
    await Promise.all(lanes);
    const appended = jobs.filter(({ form }) => form === 'append');
    const over = appended.map(({ repeated, kills, allowed }) => repeated / (Math.max(1, kills) * allowed));
    return {
      rows: [
        atLeast('kills', killed(), count),
        atLeast(
          'of these before the life had saved a checkpoint',
          jobs.reduce((sum, one) => sum + one.early, 0),
          Math.floor(count / 10),
        ),
        atLeast('jobs whose guest keeps state', jobs.filter(({ keepsState }) => keepsState).length, 1),
        exactly('outputs that are not what was promised', jobs.filter(({ wrong }) => wrong).length, 0),
        withoutLimit('jobs, each of some lives', jobs.length),
        withoutLimit('of these over several stages', jobs.filter(({ stages }) => stages > 1).length),
        withoutLimit(
          'of these in no order, or that of keys',
          jobs.filter((one) => one.ordering !== 'partition').length,
        ),
        atMost(
          'at-least-once: lines repeated, of those in one interval a kill, of the job with most',
          Math.max(0, ...over),
          1,
        ),
      ],
      runs: jobs,
    };
  },
};

async function killJob(index: number, size: keyof typeof records, random: RandomSource): Promise<KilledJob> {
  await using folder = await temporaryDirectory(tmpdir());
  const form = forms[index % forms.length] as JobSpec['form'];
  const spec: JobSpec = {
    form,
    folder: folder.path,
    records: records[size],
    keepsState: index % 2 === 1,
    ...(index % 2 === 0 && { stages: 1 + ((Math.floor(index / 2) + Math.floor(index / 6)) % 3), slowMs }),
    ...(form === 'append' && index % 2 === 0 && { ordering: orderings[Math.floor(index / 6) % 3] }),
    bufferRecords,
    checkpointBytes,
    checkpointIntervalMs,
    paceMs: 1,
    concurrency: 4,
    isRestless: true,
  };
  writeInput(spec);
  let [kills, earlyKills] = [0, 0];
  let life: Life | undefined;
  let newest = 0;
  for (let lives = 0; !life?.isDone && lives <= mostLives; lives++) {
    const isEarly = lives % early === 0 && lives < mostLives;
    const longest = lives === mostLives ? 60_000 : random() * (isEarly ? longestMs.early : longestMs.usually);
    const concurrency = 1 + Math.floor(random() * 8);
    life = await liveFor({ ...spec, concurrency }, longest, isEarly ? 'ready' : 'going');
    if (life.complaint !== '') break;
    if (!life.isKilled) continue;
    kills++;
    const before = newest;
    newest = await newestOf(spec);
    // Its first checkpoint, of where it begins, is no progress.
    if (newest <= Math.max(before, 1)) earlyKills++;
  }
  const wrong = life?.isDone ? wrongIn(spec) : `did not end: ${life?.complaint}`.slice(0, 2000);
  const { keepsState, stages = 1, ordering = 'partition' } = spec;
  const repeated = wrong === null ? repeatedIn(spec) : 0;
  return { form, keepsState, stages, ordering, kills, early: earlyKills, repeated, allowed: mostRepeated(spec), wrong };
}

/** Epoch of the newest checkpoint; 0 where there is none. */
async function newestOf({ form, folder }: JobSpec): Promise<number> {
  const { database, checkpoints, store } = pathsOf(folder);
  const storage: CheckpointStorage =
    form === 'files' ? fileCheckpoints(checkpoints) : databaseCheckpoints(form === 'database' ? database : store);
  try {
    const [newest] = await storage.list(jobName);
    return newest?.epoch ?? 0;
  } finally {
    await storage.close();
  }
}

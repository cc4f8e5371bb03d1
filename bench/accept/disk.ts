/**
 * Disks that are full, fail, or take their time. A scripted session has each of its writes fail in turn: its
 * executor must end on the anchor, somebody must be told, nothing may be left uncaught. And a host must
 * not stand still while the disk takes 20 or 300 ms for each sync, whether it is observed or tuned.
 * That each check can fail is shown by taking away what it guards.
 */
import { type FailedRun, type Fault, refusing } from './disk/failing.ts';
import { full, mountRefused } from './disk/full.ts';
import { type DiskResults, diskRows, limits } from './disk/rows.ts';
import type { Without } from './disk/session.ts';
import { type Round, stallRound } from './disk/stalls.ts';
import { straceRefused } from './disk/strace.ts';
import type { PartOptions } from './results.ts';

const laneCount = 2;
/** A fault that did not fire, because the session wrote less this time, is tried again. */
const attempts = 3;
const syncsMs = [20, 300] as const;
/** Rounds of hosts for each length of a sync at full size. */
const fullRounds = 8;
/** Runs without each guard. */
const controlRuns = 12;

/** As of a disk that turns. */
const turningMs = 30;

const enospc = refusing(
  'all writes fail from one on (ENOSPC)',
  'pwrite64',
  (k) => `error=ENOSPC:when=${k}+`,
  turningMs,
);
const refused: readonly Fault[] = [
  refusing('a write fails (EIO)', 'pwrite64', (k) => `error=EIO:when=${k}`, turningMs),
  enospc,
  refusing('a sync fails (EIO)', 'fsync,fdatasync', (k) => `error=EIO:when=${k}`),
];

export const disk = {
  fullCount: limits.writes,
  /** @param count most faults of each kind; fewer than there are writes are spread over them */
  async run({ count, progress }: PartOptions) {
    const noTrace = straceRefused();
    const noMount = await mountRefused();
    const faults = [...(noTrace === null ? refused : []), ...(noMount === null ? [full] : [])];
    const runs: FailedRun[] = [];
    let writes: number | null = null;
    for (const fault of faults) {
      const { total, runs: failed } = await runAll(fault, count, null);
      if (fault === enospc) writes = total;
      runs.push(...failed);
      progress(
        `${fault.name}: ${failed.length} runs, ${failed.filter(({ wrong }) => Object.keys(wrong).length > 0).length} wrong`,
      );
    }
    const results: DiskResults = {
      refused: [
        ...(noTrace === null ? [] : [{ what: 'failing writes and slow syncs', reason: noTrace }]),
        ...(noMount === null ? [] : [{ what: 'a full disk', reason: noMount }]),
      ],
      writes,
      runs,
      controls: noTrace === null ? await controls(Math.min(count, controlRuns)) : [],
      rounds: noTrace === null ? await rounds(Math.ceil((fullRounds * count) / limits.writes), progress) : [],
    };
    return { rows: diskRows(results), runs: [results] };
  },
};

interface AllRuns {
  /** Writes that can fail. */
  readonly total: number;
  readonly runs: readonly FailedRun[];
}

async function runAll(fault: Fault, count: number, without: Without | null): Promise<AllRuns> {
  // How many writes the session makes depends a little on how fast the disk is.
  const total = Math.min(await fault.count(), await fault.count(), await fault.count());
  const most = Math.min(count, total);
  const ks = Array.from({ length: most }, (_, index) => 1 + Math.floor((index * total) / most));
  const done: FailedRun[] = [];
  const lanes = Array.from({ length: laneCount }, async () => {
    for (let k = ks.shift(); k !== undefined; k = ks.shift()) done.push(await runOnce(fault, k, without));
  });
  await Promise.all(lanes);
  return { total, runs: done.sort((a, b) => a.k - b.k) };
}

/** A run in which the fault did not fire is no run. */
async function runOnce(fault: Fault, k: number, without: Without | null): Promise<FailedRun> {
  let run = await fault.run(k, without);
  for (let attempt = 1; attempt < attempts && !run.fired; attempt++) run = await fault.run(k, without);
  return run;
}

async function controls(count: number): Promise<DiskResults['controls']> {
  const withouts: readonly Without[] = ['way back', 'word'];
  const done: { without: Without; runs: readonly FailedRun[] }[] = [];
  for (const without of withouts) done.push({ without, runs: (await runAll(enospc, count, without)).runs });
  return done;
}

async function rounds(count: number, progress: PartOptions['progress']): Promise<readonly Round[]> {
  const done: Round[] = [];
  for (const syncMs of syncsMs) {
    for (let round = 0; round < count; round++) done.push(await stallRound(syncMs, false));
    progress(`syncs of ${syncMs} ms: ${count} rounds`);
    done.push(await stallRound(syncMs, true));
  }
  return done;
}

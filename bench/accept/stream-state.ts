/**
 * Checkpoints on disks that flip bits, cut files short, are full, fail or take their time, and under clocks that
 * are stepped. A restart must take what was saved, exactly, or say what is wrong: nothing that is damaged may be
 * taken in silence, and what was saved last stays whatever fails after it. That the test can fail is shown with
 * damage that brings its own digests.
 */
import { tmpdir } from 'node:os';
import { randomStream } from '../../src/foundation/random.ts';
import { straceRefused } from './disk/strace.ts';
import { temporaryDirectory } from './disk/temporary-directory.ts';
import type { PartOptions } from './results.ts';
import { atLeast, exactly, type Row, skipped, withoutLimit } from './rows.ts';
import { damageMany, forgery } from './stream-state/damages.ts';
import { callsOf, type Fault, type FaultRun, faults, renames, runFault, runSlowly } from './stream-state/faults.ts';
import { restart, saveAll, steppedClock, storageKinds } from './stream-state/job.ts';

const fullCount = 10_000;
const forgeries = 20;
const slowSyncMs = 300;
const mostHistories = 100;

export const streamState = {
  fullCount,
  /** @param count damages, half of them of files; faults of a disk are spread where it is below full size */
  async run({ count, seed, progress }: PartOptions) {
    const damaged = [];
    for (const kind of storageKinds) {
      damaged.push(await damageMany(kind, Math.ceil(count / storageKinds.length), seed));
      progress(`damaged ${kind}: ${JSON.stringify(damaged.at(-1))}`);
    }
    const control = await damageMany('files', Math.min(count, forgeries), seed, forgery);
    const clocks = await clockSteps(Math.min(count, mostHistories), seed);
    const noTrace = straceRefused();
    const failed = noTrace === null ? await failingDisks(count, progress) : [];
    const slow = noTrace === null ? await Promise.all(storageKinds.map((kind) => runSlowly(kind, slowSyncMs))) : [];
    const rows: Row[] = [
      ...damaged.flatMap(({ kind, outcomes: { newest, older, refused, silent } }) => [
        exactly(`${kind}: damages taken in silence`, silent, 0),
        withoutLimit(`${kind}: an earlier one was taken and that told`, older),
        withoutLimit(`${kind}: refused with a typed error`, refused),
        withoutLimit(`${kind}: the newest was whole in spite of it`, newest),
      ]),
      atLeast('forgeries seen as taken in silence (the same test must fail)', control.outcomes.silent, 1),
      exactly('histories under stepped clocks whose newest was taken', clocks, Math.min(count, mostHistories)),
      ...(noTrace === null ? diskRows(failed, slow) : [skipped('disks that fail or are slow', noTrace)]),
    ];
    return { rows, runs: [{ damaged, control, failed, slow }] };
  },
};

/** How many of the histories restart where they ended. */
async function clockSteps(count: number, seed: number): Promise<number> {
  const clockMs = steppedClock(randomStream(seed, 'stepped clock'));
  let right = 0;
  for (let index = 0; index < count; index++) {
    await using folder = await temporaryDirectory(tmpdir());
    const kind = storageKinds[index % storageKinds.length] as (typeof storageKinds)[number];
    const newest = 1 + (index % 6);
    saveAll(kind, folder.path, newest, clockMs);
    if (restart(kind, folder.path, newest).outcome === 'newest') right++;
  }
  return right;
}

async function failingDisks(count: number, progress: PartOptions['progress']): Promise<readonly FaultRun[]> {
  const done: FaultRun[] = [];
  for (const fault of [...faults, renames]) {
    const total = await callsOf(fault);
    const runs = await runAll(fault, total, Math.max(1, Math.ceil((total * count) / fullCount)));
    done.push(...runs);
    progress(`${fault.name}: ${runs.length} of ${total} calls, ${runs.filter(({ wrong }) => wrong).length} wrong`);
  }
  return done;
}

async function runAll(fault: Fault, total: number, most: number): Promise<readonly FaultRun[]> {
  const ks = Array.from({ length: Math.min(total, most) }, (_, index) => 1 + Math.floor((index * total) / most));
  const runs: FaultRun[] = [];
  for (const k of ks) runs.push(await runFault(fault, k));
  return runs;
}

function diskRows(failed: readonly FaultRun[], slow: readonly FaultRun[]): Row[] {
  const names = [...new Set(failed.map(({ fault }) => fault))];
  return [
    ...names.flatMap((name) => {
      const runs = failed.filter(({ fault }) => fault === name);
      const fired = runs.filter((run) => run.fired);
      return [
        atLeast(`${name}: calls that failed`, fired.length, 1),
        exactly(`${name}: of these with the wrong end`, fired.filter(({ wrong }) => wrong).length, 0),
      ];
    }),
    ...slow.flatMap(({ fault, wrong, saved }) => [
      exactly(`${fault}: runs with the wrong end`, wrong === null ? 0 : 1, 0),
      withoutLimit(`${fault}: longest that the host was held up, ms`, saved?.heldUpMs ?? Number.NaN),
    ]),
  ];
}

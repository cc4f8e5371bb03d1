/**
 * Ledgers of real sessions, damaged in every way a file can be: whoever looks is answered or refused by an
 * error of ours, whoever starts on one starts, and nobody tunes who was switched off.
 *
 *   sessions in worlds ──▶ bases ── a copy, damaged by a seed ──▶ look: report, replay, chain
 *                                                           └───▶ start: tune(), before or after the damage
 *
 * That this would be seen otherwise is shown beside it: how many of these files only a start that sets
 * aside gets over, how many altered rows only the chain shows, and how many switches would be lost if a
 * start that could not read them tuned.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../../src/foundation/random.ts';
import { type Base, fileName, makeBases } from './ledger/bases.ts';
import { damages } from './ledger/damages.ts';
import { copyOf, type Looked, look, type Started, start } from './ledger/met.ts';
import type { PartOptions } from './results.ts';
import { atLeast, atMost, exactly, type Row, withoutLimit } from './rows.ts';

interface Run {
  readonly kind: string;
  readonly what: string;
  readonly base: string;
  readonly isOff: boolean;
  readonly mode: 'auto' | 'observe';
  /** The damage came while a tuner ran. */
  readonly isRunning: boolean;
  /** The file is another one than before. */
  readonly hasFired: boolean;
  readonly looked: Looked;
  readonly started: Started;
}

/** Of so many damages one meets a tuner that runs. */
const everyRunning = 5;

export const ledger = {
  fullCount: 500,
  async run({ count, seed, progress }: PartOptions) {
    const root = mkdtempSync(join(tmpdir(), 'sandtune-ledger-'));
    const uncaught: unknown[] = [];
    const catching = (error: unknown) => uncaught.push(error);
    const silent = process.listeners('warning');
    process.removeAllListeners('warning');
    for (const event of ['unhandledRejection', 'uncaughtException'] as const) process.on(event, catching);
    try {
      const bases = await makeBases(root);
      const before = descriptors();
      const runs: Run[] = [];
      for (let index = 0; index < count; index++) {
        runs.push(await damageOne(bases, root, index, seed));
        if (index % 50 === 49) progress(`${index + 1} of ${count} damaged`);
      }
      const kept = Math.max(0, descriptors() - before);
      return { rows: rowsOf(runs, count, kept, uncaught.length), runs: runs.filter(isWorthKeeping) };
    } finally {
      for (const event of ['unhandledRejection', 'uncaughtException'] as const) process.off(event, catching);
      for (const listener of silent) process.on('warning', listener);
      rmSync(root, { recursive: true, force: true });
    }
  },
};

async function damageOne(bases: readonly Base[], root: string, index: number, seed: number): Promise<Run> {
  const kinds = Object.keys(damages);
  const kind = kinds[index % kinds.length] as string;
  const random = randomStream(seed, `damage ${index}`);
  const base = bases[Math.floor(random() * bases.length)] as Base;
  const mode = random() < 0.7 ? 'auto' : 'observe';
  const isRunning = Math.floor(index / kinds.length) % everyRunning === everyRunning - 1;
  const { stateDir, path } = copyOf(base, root, `damaged ${index}`);
  const looking = copyOf(base, root, `looked at ${index}`);
  let what = '';
  let hasFired = false;
  const harm = (at: string) => {
    const unharmed = contentOf(at);
    what = damages[kind]?.(at, randomStream(seed, `harm ${index}`)) ?? '';
    hasFired = contentOf(at) !== unharmed;
  };
  harm(looking.path);
  const looked = await look(looking.stateDir);
  if (!isRunning) harm(path);
  const started = await start(stateDir, mode, () => isRunning && harm(path));
  for (const folder of [stateDir, looking.stateDir]) rmSync(folder, { recursive: true, force: true });
  return { kind, what, base: base.name, isOff: base.isOff, mode, isRunning, hasFired, looked, started };
}

function rowsOf(runs: readonly Run[], count: number, kept: number, uncaught: number): readonly Row[] {
  const count_ = (isIt: (run: Run) => boolean) => runs.filter(isIt).length;
  const fired = runs.filter((run) => run.hasFired);
  const raw = (run: Run) =>
    [run.looked.open, run.looked.report, run.looked.replay].filter((said) => said === 'raw').length + run.started.raw;
  const starts = runs.filter((run) => !run.isRunning);
  const isSeen = ({ looked }: Run) => looked.open !== 'answered' || (looked.faults?.length ?? 1) > 0;
  return [
    exactly('damages', runs.length, count),
    atLeast('of these that changed the file', fired.length, Math.floor(0.98 * count)),
    ...Object.keys(damages).map((kind) =>
      atLeast(
        `fired: ${kind}`,
        fired.filter((run) => run.kind === kind).length,
        Math.floor((0.9 * count) / Object.keys(damages).length),
      ),
    ),
    atLeast(
      'met a tuner that ran',
      count_((run) => run.isRunning),
      Math.floor(count / 8),
    ),
    atLeast(
      'of a ledger that was switched off',
      count_((run) => run.isOff),
      Math.floor(count / 3),
    ),
    exactly(
      'tune() that failed',
      count_((run) => run.started.tune !== 'answered'),
      0,
    ),
    exactly(
      'errors that are not ours',
      runs.reduce((sum, run) => sum + raw(run), 0),
      0,
    ),
    exactly('errors that nobody caught', uncaught, 0),
    exactly('switched off, and tuned', starts.filter((run) => run.isOff && run.started.mode === 'auto').length, 0),
    atMost('descriptors kept', kept, 0),
    withoutLimit('set aside at a start', starts.filter((run) => run.started.isSetAside).length),
    withoutLimit('seen by whoever looks', count_(isSeen)),
    atLeast(
      'without setting aside: starts that could not have opened the file',
      starts.filter((run) => run.started.isSetAside && run.looked.open === 'typed').length,
      Math.floor(count / 10),
    ),
    atLeast(
      'without the chain: altered, and answered as if nothing were',
      count_(({ looked }) => looked.replay === 'answered' && looked.isIdentical && (looked.faults?.length ?? 0) > 0),
      Math.floor(count / 250),
    ),
    atLeast(
      'without caution: switched off, and tuned for its switches could not be read',
      starts.filter((run) => run.isOff && run.mode === 'auto' && !run.started.areSwitchesKnown).length,
      Math.floor(count / 50),
    ),
  ];
}

/** A run that went wrong, for whoever wants to see what it met. */
function isWorthKeeping({ looked, started, isOff, isRunning }: Run): boolean {
  const tuned = isOff && started.mode === 'auto' && !isRunning;
  return looked.complaints.length + started.complaints.length > 0 || started.tune !== 'answered' || tuned;
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** What stands there, file and log, to be compared. */
function contentOf(path: string): string {
  return [fileName, `${fileName}-wal`]
    .map((name) => join(path, '..', name))
    .map((one) => {
      const stat = statSync(one, { throwIfNoEntry: false });
      return stat?.isFile() ? readFileSync(one, 'latin1') : `no file: ${stat !== undefined}`;
    })
    .join('\n');
}

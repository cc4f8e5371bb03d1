/**
 * The scripted session on a disk of which each k-th write fails: refused by strace, or because the file
 * system is full. Each run is judged by where the executor ended, by who was told, and by what is left.
 */
import { tmpdir } from 'node:os';
import { type LedgerWrong, leftIn } from '../left-ledger.ts';
import { runSession, type SessionRun, type Without } from './session.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/**
 * anchor: the executor did not end on the anchor. told: entries are lost, and there is no warning or no note.
 * raw: something nobody caught, or no error of ours, or no result at all.
 */
export type DiskWrong = LedgerWrong | 'anchor' | 'told' | 'raw';

export interface FailedRun {
  readonly fault: string;
  readonly k: number;
  readonly fired: boolean;
  readonly run: SessionRun;
  readonly wrong: Readonly<Partial<Record<DiskWrong, string>>>;
}

export interface Fault {
  readonly name: string;
  /** Most of what can fail: the session makes so many such writes. */
  readonly count: () => Promise<number>;
  /** @param k from 1 */
  readonly run: (k: number, without: Without | null) => Promise<FailedRun>;
}

/**
 * A fault of strace's: `what` says which calls of a kind fail.
 * @param syncMs how long a sync takes. On a disk that takes its time the writer puts what came meanwhile on disk
 *   together: a session makes few writes, and nearly the same number each time
 */
export function refusing(name: string, calls: string, what: (k: number) => string, syncMs?: number): Fault {
  const slow = syncMs === undefined ? {} : { syncMs };
  return {
    name,
    async count() {
      await using folder = await temporaryDirectory(tmpdir());
      const { result, complaint, mostByThread } = await runSession(folder.path, null, { calls, what: '', ...slow });
      if (result === null) throw new Error(`the session gave no result on a disk without faults: ${complaint}`);
      return mostByThread;
    },
    async run(k, without) {
      await using folder = await temporaryDirectory(tmpdir());
      const run = await runSession(folder.path, without, { calls, what: what(k), ...slow });
      return { fault: name, k, fired: run.injected > 0, run, wrong: wrongIn(run, folder.path) };
    },
  };
}

const executor = 'disk';

/** What is wrong with a session that met a fault, and with the ledger that it left in `stateDir`. */
export function wrongIn({ result, exitCode, complaint }: SessionRun, stateDir: string): FailedRun['wrong'] {
  if (result === null) return { raw: `no result, exit ${exitCode}: ${complaint.slice(-1000)}` };
  const { onAnchor, anchor, settings, warnings, notes, entries, raw } = result;
  const { entries: onDisk, wrong } = leftIn(stateDir, executor);
  const isTold = warnings.some((code) => code.startsWith('SANDTUNE_')) && notes > 0;
  const { unreadable, ...disagreements } = wrong;
  return {
    ...disagreements,
    // Where no file could be made, or none with tables, the session was to say that it has no ledger.
    ...(unreadable !== undefined && !isTold && { unreadable }),
    ...(!onAnchor && { anchor: `ended on ${JSON.stringify(settings)}, the anchor is ${JSON.stringify(anchor)}` }),
    ...(!isTold &&
      onDisk.length < entries && {
        told: `${onDisk.length} of ${entries} entries are on disk; warnings: ${warnings.join(' ')}; notes: ${notes}`,
      }),
    ...((raw.length > 0 || exitCode !== 0) && { raw: `exit ${exitCode}: ${raw.join('; ')}` }),
  };
}

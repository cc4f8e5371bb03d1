/** A saver on a disk whose k-th write, sync or rename fails, for every k, and on one that takes its time. */
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Injection, runProgram } from '../disk/strace.ts';
import { temporaryDirectory } from '../disk/temporary-directory.ts';
import { restart, type StorageKind } from './job.ts';
import type { Saved } from './saver-child.ts';

const saves = 5;

export interface Fault {
  readonly name: string;
  readonly kind: StorageKind;
  readonly calls: string;
  readonly what: (k: number) => string;
  /** What the saver does: it saves all in spite of it, or stops with an error. */
  readonly then: 'goes on' | 'stops';
}

export interface FaultRun {
  readonly fault: string;
  readonly k: number;
  readonly fired: boolean;
  readonly saved: Saved | null;
  /** null: as it should be. */
  readonly wrong: string | null;
}

const writes = { files: 'writev', database: 'pwrite64' } as const;
const syncs = 'fsync,fdatasync';

export const faults: readonly Fault[] = (['files', 'database'] as const).flatMap((kind): Fault[] => [
  {
    name: `${kind}: the disk is full from the k-th write on`,
    kind,
    calls: writes[kind],
    what: (k) => `error=ENOSPC:when=${k}+`,
    then: 'stops',
  },
  {
    name: `${kind}: the k-th write fails (EIO)`,
    kind,
    calls: writes[kind],
    what: (k) => `error=EIO:when=${k}`,
    then: 'goes on',
  },
  {
    name: `${kind}: the k-th sync fails (EIO)`,
    kind,
    calls: syncs,
    what: (k) => `error=EIO:when=${k}`,
    then: 'goes on',
  },
]);

export const renames: Fault = {
  name: 'files: the k-th rename fails (ENOSPC)',
  kind: 'files',
  calls: 'rename',
  what: (k) => `error=ENOSPC:when=${k}`,
  then: 'goes on',
};

/** Calls of the kind that can fail. 0 is a mistake of the test. */
export async function callsOf({ kind, calls }: Fault): Promise<number> {
  await using folder = await temporaryDirectory(tmpdir());
  const { run, saved } = await save(kind, folder.path, { calls, what: '' });
  if (saved?.epochs.length !== saves) throw new Error(`the saver failed on a disk without faults: ${run.complaint}`);
  return run.mostByThread;
}

export async function runFault(fault: Fault, k: number): Promise<FaultRun> {
  await using folder = await temporaryDirectory(tmpdir());
  const { run, saved } = await save(fault.kind, folder.path, { calls: fault.calls, what: fault.what(k) });
  const wrong = saved ? wrongIn(fault, saved, folder.path) : `no result: ${run.complaint.slice(-500)}`;
  return { fault: fault.name, k, fired: run.injected > 0, saved, wrong };
}

/** @returns the saver's word, with each sync `syncMs` late */
export async function runSlowly(kind: StorageKind, syncMs: number): Promise<FaultRun> {
  await using folder = await temporaryDirectory(tmpdir());
  const what = `delay_enter=${syncMs * 1000}`;
  const { run, saved } = await save(kind, folder.path, { calls: syncs, what });
  const fault: Fault = {
    name: `${kind}: each sync takes ${syncMs} ms`,
    kind,
    calls: syncs,
    what: () => what,
    then: 'goes on',
  };
  const wrong = saved ? wrongIn(fault, saved, folder.path) : `no result: ${run.complaint.slice(-500)}`;
  return { fault: fault.name, k: 0, fired: run.injected > 0, saved, wrong };
}

async function save(kind: StorageKind, folder: string, injection: Injection) {
  const program = fileURLToPath(new URL('saver-child.ts', import.meta.url));
  const run = await runProgram(program, [kind, folder, `${saves}`], injection);
  return { run, saved: resultIn(run.output) };
}

function resultIn(output: string): Saved | null {
  try {
    return JSON.parse(output) as Saved;
  } catch {
    return null;
  }
}

function wrongIn({ then, kind }: Fault, { epochs, stoppedBy, raw }: Saved, folder: string): string | null {
  if (raw.length > 0) return raw.join('; ');
  if (then === 'goes on' && epochs.length < saves) return `stopped by '${stoppedBy}' after ${epochs.length}`;
  if (epochs.length < saves && stoppedBy === null) return `ended after ${epochs.length} without a word`;
  const last = epochs.at(-1) ?? 0;
  const { outcome, epoch, what } = restart(kind, folder, last);
  // What was on its way when the disk failed may have got there.
  if (last > 0 && (epoch === null || epoch < last)) return `saved ${last}, restored ${epoch ?? 'none'}: ${what}`;
  if (outcome === 'silent' && !(last === 0 && epoch === null) && (epoch ?? 0) <= last) return what;
  return null;
}

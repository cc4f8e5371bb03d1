/**
 * A line beside the folder of a job: its newest run, and which checkpoint was saved last. So a folder that somebody
 * has emptied is told from one that is new, and a run that was fenced off stays so.
 *
 *   run 0000000003 saved 0000000003-000000000017 5f1c09aa
 *
 * It is written after the checkpoint is on disk and not synced, so that it never tells of one that is not there, and
 * costs one write. Of what a loss of power has left of it, or a person, nothing is believed but by its CRC-32.
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { CheckpointPlace } from './room.ts';

export interface LastSaved {
  /** The token of the newest run. */
  readonly run: number;
  /** null: the job has saved none. */
  readonly saved: Pick<CheckpointPlace, 'fencingToken' | 'epoch'> | null;
}

const pattern = /^(run (\d{10,16}) saved (\d{10,16})-(\d{12,16})) ([\da-f]{8})\n/;

/** Where it cannot be written the checkpoint is on disk all the same. */
export function writeLastSaved(path: string, { run, saved }: LastSaved): void {
  const named = `run ${digits(run, 10)} saved ${digits(saved?.fencingToken ?? 0, 10)}-${digits(saved?.epoch ?? 0, 12)}`;
  try {
    // Neither emptied before nor of another length after: no moment at which there is none.
    const file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
    try {
      writeSync(file, `${named} ${digestOf(named)}\n`, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // As before the one that is there, or none, tells less than it could.
  }
}

/** null: there is none, or nothing that can be believed. */
export function readLastSaved(path: string): LastSaved | null {
  const [, named = '', run, token, epoch, digest] = pattern.exec(textOf(path)) ?? [];
  if (run === undefined || digestOf(named) !== digest) return null;
  const fencingToken = Number(token);
  return { run: Number(run), saved: fencingToken > 0 ? { fencingToken, epoch: Number(epoch) } : null };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function digestOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

/** What is refused at the start of a run, before its output is touched: what cannot keep what its options promise. */
import { SandtuneError } from '../foundation/errors.ts';
import type { Checkpoint, CheckpointStorage, OpenSink, OpenSource, Sink, Source } from './contracts.ts';
import { isOneTransaction } from './flow/checkpointing.ts';
import type { ResolvedStreamOptions } from './options.ts';
import type { RunParts } from './run-parts.ts';

/** @throws {SandtuneError} ERR_SANDTUNE_CHECKPOINT where the guests are not those whose state it holds */
export function checkKeptGuests({ job, guests }: RunParts, { guestStates, moduleHash }: Checkpoint): void {
  const got = guests?.moduleHash ?? null;
  if (guestStates.length === 0 || moduleHash === got) return;
  const holder = got === null ? 'a run that keeps none' : `that of ${got}`;
  const message = `job '${job}': expected the guests whose state its checkpoint holds (SHA-256 ${moduleHash}), got ${holder}`;
  throw new SandtuneError('ERR_SANDTUNE_CHECKPOINT', message);
}

/** @throws {SandtuneError} ERR_SANDTUNE_CHECKPOINT where the functions are named to be others */
export function checkVersions({ job, options }: RunParts, { version }: Checkpoint): void {
  if (version === null || options.version === null || version === options.version) return;
  const message = `job '${job}': expected version '${version}', under which its checkpoint was made, got '${options.version}'; recovery: 'from-beginning' begins anew`;
  throw new SandtuneError('ERR_SANDTUNE_CHECKPOINT', message);
}

/** What is known before anything was opened. @throws {SandtuneError} ERR_SANDTUNE_OPTION where effectively-once cannot be had of the two */
export function checkDelivery(
  { delivery }: ResolvedStreamOptions,
  { name, undoes }: Sink,
  storage: CheckpointStorage | undefined,
): void {
  if (delivery !== 'effectively-once') return;
  if (!storage) throw notOnce('no checkpoints');
  if (undoes === 'none') throw notOnce(`sink ${name}, which undoes nothing`);
  if (undoes === 'transaction' && !storage.transaction) throw noTransaction(name, storage);
}

/** Nothing has been written yet. @throws {SandtuneError} ERR_SANDTUNE_OPTION where the output is what is read */
export function checkOtherFile(
  source: Source,
  { partitions }: OpenSource,
  { name }: Sink,
  { files = [] }: OpenSink,
): void {
  const isRead = ({ device, inode }: (typeof files)[number]) =>
    partitions.some(
      ({ identity }) => identity?.kind === 'file' && identity.device === device && identity.inode === inode,
    );
  if (!files.some(isRead)) return;
  const message = `sink ${name}: expected another file than the source (${source.name}), got the same one`;
  throw new SandtuneError('ERR_SANDTUNE_OPTION', message);
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION where output and checkpoints are not in one database */
export function checkTransaction(
  { delivery }: ResolvedStreamOptions,
  { name, undoes }: Sink,
  sink: OpenSink,
  storage: CheckpointStorage | undefined,
): void {
  if (delivery !== 'effectively-once' || undoes !== 'transaction' || !storage) return;
  if (!isOneTransaction(sink, storage)) throw noTransaction(name, storage);
}

function noTransaction(name: string, storage: CheckpointStorage): SandtuneError {
  return notOnce(`sink ${name} and checkpoints in ${storage.name}, which are no one transaction`);
}

function notOnce(got: string): SandtuneError {
  const message = `delivery: 'effectively-once': expected checkpoints and a sink whose output can be undone (fileSink(), or databaseSink() in the database of the checkpoints), got ${got}`;
  return new SandtuneError('ERR_SANDTUNE_OPTION', message);
}

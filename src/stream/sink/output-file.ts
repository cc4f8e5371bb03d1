/**
 * The file of an output, opened for one run: in place, or as another file in its place.
 *
 * An older run of the job may have it open, and be stopped in the middle of a write: no check before a write keeps
 * back what comes after it, and POSIX has no write that asks who is the newest. What an older run holds is a file, not
 * a name; so a run that cannot be sure that the one before has ended takes what is durable into a file of its own,
 * which it puts in the place of the other one. Not one byte that comes late gets into that.
 *
 *   nobody before, or known to have ended   in place; what stands behind the durable length is cut off
 *   who wrote before may still write        copied ─▶ a checkpoint names the copy and who writes it ─▶ put in place
 *
 * Either way nothing is written, cut or moved before a checkpoint of this run is durable (`claims`), so that each
 * run that may have written is named by the newest checkpoint. One that was fenced off before is named by none, and
 * has changed nothing. A copy that its run claimed and did not put in place is found by the name in the checkpoint;
 * it is gone before another is put in place, so that a run which wakes up at that moment moves nothing.
 */
import { type BigIntStats, constants } from 'node:fs';
import { copyFile, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, SandtuneError } from '../../foundation/errors.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import type { OpenSinkOptions, SinkPosition } from '../contracts.ts';
import { beginsAnew, checkSameFile } from '../source/file-identity.ts';
import type { SourceIdentity } from '../source/source-identity.ts';
import { mayStillWrite, writerText } from './file-writer.ts';

export interface OutputFile {
  /** Where it stands, or will: no link. */
  readonly path: string;
  readonly handle: FileHandle;
  /** What is there and stays. */
  readonly bytes: number;
  /** What stands behind that is cut off with the first write. */
  readonly isLonger: boolean;
  /** The name, in the same folder, under which it stands until `place()`; null where it is in place. */
  readonly draft: string | null;
  /** What is written to, and what is replaced. */
  readonly files: readonly FilePlace[];
  /** To be called before the first write. @throws {SandtuneError} ERR_SANDTUNE_FENCED where a later run has taken its place */
  place(): Promise<void>;
  /** To be called instead where it ends before a checkpoint can have named it: a copy that was made for it goes. */
  forget(): Promise<void>;
}

type FilePlace = Pick<SourceIdentity, 'device' | 'inode'>;
type FilePosition = SinkPosition & { readonly kind: 'file' };

/** Copies of so many runs before are cleared away with each opening, but for the one that is claimed. */
const clearedRuns = 16;
const bigints = { bigint: true } as const;

/** @throws {SandtuneError} ERR_SANDTUNE_SINK with nothing changed */
export async function openOutput(
  given: string,
  { from, earlier, run }: Pick<OpenSinkOptions, 'from' | 'earlier' | 'run'>,
  overwrite: boolean,
): Promise<OutputFile> {
  const path = await targetOf(given);
  const before = filePosition(from);
  if (before) return await goneOn(path, before, run);
  const found = await statOf(path);
  if (found && !found.isFile())
    throw sinkError(`${path}: expected a file, which can be cut back, got none (functionSink() takes what is none)`);
  if (found && found.size > 0n && !overwrite)
    throw sinkError(`${path}: expected a new or an empty file, or overwrite: true, got one of ${found.size} bytes`);
  const last = filePosition(earlier);
  const claimed = last?.draft ?? null;
  await cleared(path, run, claimed);
  if (!found || !earlier || !run || (last && !mayStillWrite(last.writer))) {
    const handle = await opened(path, constants.O_RDWR | constants.O_CREAT);
    const { size } = await handle.stat();
    const files = [placeOf(await handle.stat(bigints))];
    return { ...inPlace(path, handle, claimed), bytes: 0, isLonger: size > 0, files };
  }
  const draft = draftOf(path, run.fencingToken);
  const handle = await opened(draft, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, Number(found.mode));
  const forget = () => rm(draft, { force: true });
  return { handle, bytes: 0, isLonger: false, files: [placeOf(found)], ...moved(path, draft, claimed), forget };
}

/** What an earlier run left, from its durable length on. */
async function goneOn(path: string, before: FilePosition, run: OpenSinkOptions['run']): Promise<OutputFile> {
  const { durableBytes, identity, writer, draft: claimed = null } = before;
  const found = await foundAs(path, before);
  const checked = async (handle: FileHandle, expected: typeof identity) => {
    try {
      // The beginning was hashed when the file was shorter, or empty: the length is checked on its own.
      await checkSameFile(path, handle, expected, durableBytes, 'written');
      return handle;
    } catch (error) {
      await handle.close();
      throw sinkError(`${messageOf(error)}, in an empty file or with overwrite: true`, error);
    }
  };
  if (!run || !mayStillWrite(writer)) {
    const handle = await checked(await opened(found, constants.O_RDWR), identity);
    const stats = await handle.stat(bigints);
    await cleared(path, run, claimed);
    const place = found === path ? inPlace(path, handle, claimed) : { handle, ...moved(path, found, null) };
    return { ...place, bytes: durableBytes, isLonger: stats.size > durableBytes, files: [placeOf(stats)] };
  }
  const old = await checked(await opened(found, constants.O_RDWR), identity);
  const files = [placeOf(await old.stat(bigints))];
  await old.close();
  const draft = draftOf(path, run.fencingToken);
  await cleared(path, run, claimed);
  const forget = () => rm(draft, { force: true });
  try {
    await copyFile(found, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (cause) {
    await forget();
    throw sinkError(
      `${path}: expected room for a copy of it, since ${writerText(writer)}, which wrote it, may still do so, got: ${messageOf(cause)}; end that process, if it is one of this job`,
      cause,
    );
  }
  const copy = await opened(draft, constants.O_RDWR);
  try {
    await copy.truncate(durableBytes);
    await checked(copy, { ...identity, ...placeOf(await copy.stat(bigints)) });
  } catch (error) {
    await copy.close();
    await forget();
    throw error;
  }
  return { handle: copy, bytes: durableBytes, isLonger: false, files, ...moved(path, draft, claimed), forget };
}

/** The path at which it stands, or that of a copy which was claimed and not put in place. */
async function foundAs(path: string, { identity, draft }: FilePosition): Promise<string> {
  if (draft === undefined) return path;
  const copy = join(dirname(path), basename(draft));
  const found = await statOf(copy);
  return found && String(found.ino) === identity.inode ? copy : path;
}

type Placing = Pick<OutputFile, 'path' | 'draft' | 'place' | 'forget'>;

/** @param older a copy that the run before claimed, and that this one does not go on with */
function inPlace(path: string, handle: FileHandle, older: string | null): Placing & Pick<OutputFile, 'handle'> {
  return { path, handle, draft: null, place: () => removed(path, older), forget: async () => {} };
}

function placeOf({ dev, ino }: BigIntStats): FilePlace {
  return { device: String(dev), inode: String(ino) };
}

/** @param older as that of `inPlace` */
function moved(path: string, from: string, older: string | null): Placing {
  return {
    path,
    draft: basename(from),
    place: async () => {
      await removed(path, older);
      try {
        await rename(from, path);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
        throw new CheckpointError('fenced', `${path}: expected to be put in place by this run, a later one has begun`);
      }
      await syncFolderOf(dirname(path));
    },
    forget: async () => {},
  };
}

async function removed(path: string, draft: string | null): Promise<void> {
  if (draft !== null) await rm(join(dirname(path), basename(draft)), { force: true });
}

function draftOf(path: string, fencingToken: number): string {
  return `${path}.${fencingToken}.taking`;
}

/**
 * Copies that no run goes on with: who made them ended before it could claim them, or is fenced off, and moves nothing.
 * @param claimed goes no sooner than this run is named by a checkpoint
 */
async function cleared(path: string, run: OpenSinkOptions['run'], claimed: string | null): Promise<void> {
  if (!run) return;
  for (let token = Math.max(1, run.fencingToken - clearedRuns); token <= run.fencingToken; token++) {
    const draft = draftOf(path, token);
    if (basename(draft) !== claimed) await rm(draft, { force: true }).catch(() => {});
  }
}

/** Whether the file that is open stands at the path. */
export async function whereIs(path: string, handle: FileHandle): Promise<'there' | 'gone' | 'other'> {
  const [there, open] = await Promise.all([statOf(path), handle.stat(bigints)]);
  if (there === null) return 'gone';
  return there.ino === open.ino && there.dev === open.dev ? 'there' : 'other';
}

/** A name may be a link; what is put in its place is what it leads to. */
async function targetOf(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}

async function statOf(path: string): Promise<BigIntStats | null> {
  try {
    return await stat(path, bigints);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw sinkError(`${path}: expected a file that can be written, got: ${messageOf(cause)}`, cause);
  }
}

/** Neither append, which ignores positions, nor truncation before it is known what to keep. */
async function opened(path: string, flags: number, mode = 0o666): Promise<FileHandle> {
  try {
    return await open(path, flags, mode);
  } catch (cause) {
    const makesNone = (flags & constants.O_CREAT) === 0;
    if (makesNone && (cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw sinkError(`${path}: expected the file that was written before, got none; ${beginsAnew}`, cause);
    throw sinkError(`${path}: expected a file that can be written, got: ${messageOf(cause)}`, cause);
  }
}

/** What stands in it is on disk: names that were made or moved. */
export async function syncFolderOf(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function filePosition(position: SinkPosition | undefined): FilePosition | undefined {
  return position?.kind === 'file' ? position : undefined;
}

export function sinkError(message: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_SINK', message, { cause });
}

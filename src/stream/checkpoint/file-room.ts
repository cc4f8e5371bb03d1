/**
 * Checkpoints as files of a folder, one folder in it for each job:
 *
 *   DIR/JOB/0000000003.run                          run 3 has begun: the newest of these may write
 *   DIR/JOB/0000000003-000000000017.checkpoint      its checkpoint of epoch 17
 *   DIR/JOB/….checkpoint.new                        one that is being written, or was when its process died
 *   DIR/JOB/….checkpoint.quarantined                one that did not verify
 *   DIR/JOB.last                                    the newest run, and which checkpoint was saved last: see last-saved.ts
 *
 * A checkpoint is written beside its place, synced, put there by a rename, and the folder is synced. Whether its
 * run is still the newest is asked under the lock that a new run takes too, so that none gets between.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writevSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { absolutePath, makeFolder, syncFolder } from '../../foundation/folders.ts';
import { alone } from '../../store/make-file.ts';
import { checkpointError, damaged, fenced } from './checkpoint-error.ts';
import { readLastSaved, writeLastSaved } from './last-saved.ts';
import type { CheckpointPlace, CheckpointRoom, StoredCheckpoint } from './room.ts';

const newName = '.new';
const quarantinedName = '.quarantined';
const namePattern = /^(\d{10,})-(\d{12,})\.checkpoint(\.quarantined(?:-\d+)?)?$/;
const runPattern = /^(\d{10,})\.run$/;
/** Pieces that are given to the system at once. */
const mostPieces = 512;

/** @param path of the folder; it is made with the first run of a job */
export function fileRoom(path: string): CheckpointRoom {
  const root = absolutePath(path);
  const folderOf = (job: string) => join(root, folderName(job));
  const pathOf = (id: string) => join(root, id);

  const lastOf = (job: string) => `${folderOf(job)}.last`;

  const newestToken = (job: string) =>
    namesIn(folderOf(job)).reduce(
      (newest, name) => {
        const token = Number((runPattern.exec(name) ?? namePattern.exec(name))?.[1] ?? 0);
        return Math.max(newest, token);
      },
      readLastSaved(lastOf(job))?.run ?? 0,
    );

  const checkNewest = ({ job, fencingToken }: CheckpointPlace) => {
    const newest = newestToken(job);
    if (newest !== fencingToken) throw fenced(job, fencingToken, newest);
  };

  const storedAs = (folder: string, name: string): StoredCheckpoint | undefined => {
    const [, token, epoch, aside] = namePattern.exec(name) ?? [];
    const stat = token === undefined ? undefined : statSync(join(root, folder, name), { throwIfNoEntry: false });
    if (!stat) return undefined;
    return {
      id: `${folder}/${name}`,
      job: jobOf(folder),
      fencingToken: Number(token),
      epoch: Number(epoch),
      savedAtMs: stat.mtimeMs,
      bytes: stat.size,
      isQuarantined: aside !== undefined,
    };
  };

  const listJob = (folder: string): StoredCheckpoint[] =>
    namesIn(join(root, folder)).flatMap((name) => storedAs(folder, name) ?? []);

  return {
    fence: (job) =>
      attempt(`run of job '${job}' in ${root}`, () => {
        const folder = folderOf(job);
        const isNew = !existsSync(folder);
        makeFolder(folder);
        if (isNew) for (const made of [root, dirname(root)]) syncFolder(made);
        return alone(join(folder, 'runs'), () => {
          const token = newestToken(job) + 1;
          writeFileSync(join(folder, `${digits(token, 10)}.run`), '', { flag: 'wx' });
          writeLastSaved(lastOf(job), { run: token, saved: readLastSaved(lastOf(job))?.saved ?? null });
          syncFolder(folder);
          for (const name of namesIn(folder)) {
            const isOldRun = Number(runPattern.exec(name)?.[1] ?? token) < token;
            if (isOldRun || name.endsWith(newName)) rmSync(join(folder, name), { force: true });
          }
          return token;
        });
      }),
    put: (place, parts) =>
      attempt(`checkpoint of job '${place.job}' in ${root}`, () => {
        checkNewest(place);
        const folder = folderOf(place.job);
        const target = join(folder, nameOf(place));
        const draft = target + newName;
        try {
          writeSynced(draft, parts);
          alone(join(folder, 'runs'), () => {
            checkNewest(place);
            renameSync(draft, target);
          });
        } catch (error) {
          rmSync(draft, { force: true });
          throw error;
        }
        syncFolder(folder);
        const run = Math.max(place.fencingToken, readLastSaved(lastOf(place.job))?.run ?? 0);
        writeLastSaved(lastOf(place.job), { run, saved: place });
        return `${basename(folder)}/${basename(target)}`;
      }),
    has: (id) => existsSync(pathOf(id)),
    list: (job) =>
      attempt(`checkpoints in ${root}`, () => (job === undefined ? namesIn(root) : [folderName(job)]).flatMap(listJob)),
    find: (id) =>
      attempt(`checkpoint ${id} in ${root}`, () => {
        const [folder = '', name = '', ...more] = id.split('/');
        // Of this folder alone: a folder of a job is never named '.' or '..'.
        return more.length > 0 || /^\.*$/.test(folder) ? undefined : storedAs(folder, name);
      }),
    at: (place) => attempt(`checkpoints in ${root}`, () => storedAs(folderName(place.job), nameOf(place))),
    lastSaved: (job) => readLastSaved(lastOf(job))?.saved ?? null,
    read: (id) => readWhole(pathOf(id)),
    quarantine: (id) =>
      attempt(`checkpoint ${id} in ${root}`, () => {
        let aside = id + quarantinedName;
        for (let count = 2; existsSync(pathOf(aside)); count++) aside = `${id}${quarantinedName}-${count}`;
        renameSync(pathOf(id), pathOf(aside));
        syncFolder(dirname(pathOf(id)));
        return aside;
      }),
    // Where a deletion is forgotten in a loss of power, an old checkpoint is there once more.
    remove: (ids) =>
      attempt(`old checkpoints in ${root}`, () => {
        for (const id of ids) unlinkSync(pathOf(id));
      }),
    close: () => undefined,
  };
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw checkpointError(what, error);
  }
}

/** What the disk does not give back is as good as damaged; what may not be read may be readable later. */
function readWhole(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') throw damaged(`expected to read ${path}, got EIO`, error);
    throw checkpointError(`checkpoint ${path}`, error);
  }
}

function writeSynced(path: string, parts: readonly Uint8Array[]): void {
  const file = openSync(path, 'w');
  try {
    for (let at = 0; at < parts.length; at += mostPieces) writeAll(file, parts.slice(at, at + mostPieces));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The system may take less than it was given. */
function writeAll(file: number, parts: readonly Uint8Array[]): void {
  let rest = parts.filter(({ length }) => length > 0);
  while (rest.length > 0) {
    let written = writevSync(file, rest);
    const from = rest.findIndex(({ length }) => {
      if (written < length) return true;
      written -= length;
      return false;
    });
    rest = from < 0 ? [] : [(rest[from] as Uint8Array).subarray(written), ...rest.slice(from + 1)];
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** A job may have any name; a folder may not. */
function folderName(job: string): string {
  return encodeURIComponent(job).replace(/[.*!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
}

function jobOf(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder;
  }
}

function nameOf({ fencingToken, epoch }: CheckpointPlace): string {
  return `${digits(fencingToken, 10)}-${digits(epoch, 12)}.checkpoint`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

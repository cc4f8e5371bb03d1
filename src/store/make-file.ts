/**
 * Makes the file of a store, and lets one process at a time do that. The file is made whole beside its
 * place and then put there, so that nobody meets half of one, and an empty one is known to be damaged.
 */
import { renameSync, rmSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../foundation/folders.ts';
import { putCells } from './cells.ts';
import { openError } from './open-file.ts';
import type { Cell } from './row.ts';
import { createTables, transaction } from './schema.ts';
import { DatabaseSync } from './sqlite.ts';
import { StoreError, storeError } from './store-error.ts';

/** Making a file takes some milliseconds; of many processes that begin together, each waits for those before it. */
const maxWaitMs = 500;

/** What SQLite keeps beside a file, by the end of its name: it belongs to the file and goes where that goes. */
export const besides = ['-wal', '-shm'] as const;

/** Makes a file with these cells beside its place, without syncing it. Returns its path. */
export function makeDraft(path: string, version: number, cells: readonly Cell[]): string {
  const draft = `${path}.new`;
  for (const part of ['', '-journal', ...besides]) rmSync(draft + part, { force: true });
  using database = new DatabaseSync(draft);
  database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA auto_vacuum = INCREMENTAL');
  transaction(database, () => {
    createTables(database, version);
    putCells(database, cells);
  });
  // Last, so that nothing of it stands in a log.
  database.exec('PRAGMA journal_mode = WAL');
  return draft;
}

/** Where no file stands, or one that has its name elsewhere too. What a file that was deleted has left beside it goes. */
export function putInPlace(draft: string, path: string): void {
  for (const part of besides) rmSync(path + part, { force: true });
  renameSync(draft, path);
}

/**
 * Runs `work` while no other process makes or moves the file at `path`. The lock is SQLite's on an empty
 * file beside it, which the system frees when a process dies.
 * @throws {StoreError} 'locked' after half a second
 */
export function alone<T>(path: string, work: () => T): T {
  using _lock = lockOf(path);
  return work();
}

function lockOf(path: string): DatabaseSync {
  const file = `${path}.lock`;
  try {
    makeFolder(dirname(path));
    try {
      return locked(file);
    } catch (error) {
      if (storeError(file, error).trouble !== 'damaged') throw error;
      // Whatever stands in it, nobody can hold it. It is emptied and not removed: two locks of one name lock nothing.
      truncateSync(file);
      return locked(file);
    }
  } catch (error) {
    const { trouble, reason } = openError(path, error);
    // It is not the store that is damaged.
    throw new StoreError(path, trouble === 'damaged' ? 'failed' : trouble, `${file}: ${reason}`, error);
  }
}

function locked(file: string): DatabaseSync {
  const lock = new DatabaseSync(file, { timeout: maxWaitMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

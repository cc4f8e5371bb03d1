/**
 * Checkpoints as rows of a SQLite database: the store's own, or the one that the output goes to. Fencing and
 * saving are one transaction, so that a run which is no longer the newest cannot get a row in.
 */

import { dirname } from 'node:path';
import { absolutePath, makeFolder } from '../../foundation/folders.ts';
import {
  type CheckpointRow,
  checkpointContent,
  checkpointRow,
  checkpointRowAt,
  checkpointRows,
  createCheckpointTable,
  emptyLog,
  fenceJob,
  hasCheckpoint,
  hasCheckpointTable,
  insertCheckpoint,
  lastSavedCheckpoint,
  newestRun,
  openCheckpointsToRead,
  openCheckpointTable,
  quarantineCheckpoint,
  removeCheckpoints,
  type StoredCheckpointRow,
} from '../../store/checkpoint-table.ts';
import { transaction } from '../../store/schema.ts';
import type { DatabaseSync } from '../../store/sqlite.ts';
import { StandingFile } from '../../store/standing-file.ts';
import { storeError } from '../../store/store-error.ts';
import { checkpointError, damaged, fenced } from './checkpoint-error.ts';
import type { CheckpointPlace, CheckpointRoom, StoredCheckpoint } from './room.ts';

/**
 * @param path of the file; it is made with the first run of a job
 * @throws {CheckpointError}
 */
export function databaseRoom(path: string): CheckpointRoom {
  const file = absolutePath(path);
  let open: DatabaseSync | undefined;
  let standing: StandingFile | undefined;
  // A look makes no file, and no table in somebody's.
  const toRead = () => {
    if (open) return open;
    const database = openCheckpointsToRead(file);
    if (!database || hasCheckpointTable(database)) return database;
    database.close();
    return undefined;
  };
  const toWrite = () => {
    if (open) return open;
    makeFolder(dirname(file));
    open = openCheckpointTable(file);
    standing = new StandingFile(file);
    return open;
  };
  const reading = <T>(empty: T, work: (database: DatabaseSync) => T): T =>
    attempt(file, () => {
      const database = toRead();
      try {
        return database ? work(database) : empty;
      } finally {
        if (database !== open) database?.close();
      }
    });
  const writing = <T>(work: (database: DatabaseSync) => T): T =>
    attempt(file, () => {
      const done = work(toWrite());
      standing?.check();
      return done;
    });
  return {
    fence: (job) => writing((database) => fenceJob(database, job)),
    put: ({ job, fencingToken: token, epoch, savedAtMs }, parts) =>
      writing((database) => {
        const id = transaction(database, () => putIn(database, { job, token, epoch, savedAtMs }, parts));
        emptyLog(database);
        return id;
      }),
    has: (id) => reading(false, (database) => hasCheckpoint(database, Number(id))),
    list: (job) => reading([], (database) => listOf(database, job)),
    find: (id) => reading(undefined, (database) => foundIn(database, id)),
    at: (place) => reading(undefined, (database) => atIn(database, place)),
    lastSaved: (job) => reading(null, (database) => lastSavedOf(database, job)),
    read: (id) => reading(undefined, (database) => checkpointContent(database, Number(id))) ?? missing(id),
    quarantine: (id, reason) => {
      writing((database) => quarantineCheckpoint(database, Number(id), reason));
      return id;
    },
    remove: (ids) => writing((database) => transaction(database, () => removeCheckpoints(database, ids.map(Number)))),
    close: () => open?.close(),
  };
}

/** The same in a transaction of somebody else, who commits it or takes it back. */
export function transactionRoom(database: DatabaseSync): CheckpointRoom {
  const inIt = <T>(work: () => T): T => attempt('the transaction', work);
  return {
    fence: (job) =>
      inIt(() => {
        createCheckpointTable(database);
        return fenceJob(database, job);
      }),
    put: ({ job, fencingToken: token, epoch, savedAtMs }, parts) =>
      inIt(() => putIn(database, { job, token, epoch, savedAtMs }, parts)),
    has: (id) => inIt(() => hasCheckpoint(database, Number(id))),
    list: (job) => inIt(() => listOf(database, job)),
    find: (id) => inIt(() => foundIn(database, id)),
    at: (place) => inIt(() => atIn(database, place)),
    lastSaved: (job) => inIt(() => lastSavedOf(database, job)),
    read: (id) => inIt(() => checkpointContent(database, Number(id))) ?? missing(id),
    quarantine: (id, reason) => {
      inIt(() => quarantineCheckpoint(database, Number(id), reason));
      return id;
    },
    remove: (ids) => inIt(() => removeCheckpoints(database, ids.map(Number))),
    close: () => undefined,
  };
}

function putIn(database: DatabaseSync, row: CheckpointRow, parts: readonly Uint8Array[]): string {
  const newest = newestRun(database, row.job);
  if (newest !== row.token) throw fenced(row.job, row.token, newest);
  return String(insertCheckpoint(database, row, Buffer.concat(parts)));
}

function listOf(database: DatabaseSync, job: string | undefined) {
  return checkpointRows(database, job ?? null).map(storedOf);
}

function foundIn(database: DatabaseSync, id: string): StoredCheckpoint | undefined {
  const row = checkpointRow(database, Number(id));
  return row && storedOf(row);
}

function atIn(database: DatabaseSync, { job, fencingToken, epoch }: CheckpointPlace): StoredCheckpoint | undefined {
  const row = checkpointRowAt(database, { job, token: fencingToken, epoch });
  return row && row.quarantined === null ? storedOf(row) : undefined;
}

function storedOf({ id, token, quarantined, ...row }: StoredCheckpointRow): StoredCheckpoint {
  return { ...row, id: String(id), fencingToken: token, isQuarantined: quarantined !== null };
}

function lastSavedOf(database: DatabaseSync, job: string) {
  const last = lastSavedCheckpoint(database, job);
  return last && { fencingToken: last.token, epoch: last.epoch };
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw checkpointError(`checkpoints in ${path}`, isOurs(error) ? error : storeError(path, error));
  }
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && error.name === 'SandtuneError';
}

function missing(id: string): never {
  throw damaged(`expected the bytes of checkpoint ${id}, found none`);
}

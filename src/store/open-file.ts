/**
 * Opens the file of a store. Whoever starts, opens it here on its own thread, once, so nothing here
 * waits for the disk: a new file gets its tables unsynced, and the writer's thread syncs them before
 * it says that anything is durable.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { applicationId, createTables, marksOf, transaction } from './schema.ts';
import { StoreError, withStoreErrors } from './store-error.ts';

export const inMemory = ':memory:';

/** Longest that whoever opens or claims waits for another process that writes. */
const hostMaxWaitMs = 100;
/** The writer holds up nobody but those who wait for it. */
const writerMaxWaitMs = 1000;

/**
 * For a moment's work of the host: making the tables, claiming a lease.
 * @throws {StoreError} 'damaged' for a file that is not a store of this version
 */
export function openForHost(path: string, version: number): DatabaseSync {
  return opened(path, () => {
    if (path !== inMemory) mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: hostMaxWaitMs });
    return [
      database,
      () => {
        database.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0');
        if (marksOf(database).isEmpty) {
          database.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL');
          transaction(database, () => {
            // Another process may have been quicker.
            if (marksOf(database).isEmpty) createTables(database, version);
          });
        }
        checkMarks(path, database, version);
      },
    ];
  });
}

/** @throws {StoreError} 'missing' when there is no file, 'damaged' for one that is not a store of this version */
export function openForReading(path: string, version: number): DatabaseSync {
  return opened(path, () => {
    placeOf(path);
    const database = new DatabaseSync(path, { readOnly: true, timeout: hostMaxWaitMs });
    return [database, () => checkMarks(path, database, version)];
  });
}

/** For the writer's thread: a commit is on disk when it returns. */
export function openForWriting(path: string, version: number): DatabaseSync {
  return opened(path, () => {
    placeOf(path);
    const database = new DatabaseSync(path, { timeout: writerMaxWaitMs });
    return [
      database,
      () => {
        checkMarks(path, database, version);
        // A checkpoint syncs the file itself: SQLite throws the log of an empty file away.
        database.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(PASSIVE)');
      },
    ];
  });
}

/** Which file stands at `path` now. @throws {StoreError} 'missing' when none does */
export function placeOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new StoreError(path, 'missing', 'expected the file where it was, it is gone');
  return `${stat.dev}:${stat.ino}`;
}

function opened(path: string, open: () => readonly [DatabaseSync, prepare: () => void]): DatabaseSync {
  return withStoreErrors(path, () => {
    const [database, prepare] = open();
    try {
      prepare();
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function checkMarks(path: string, database: DatabaseSync, version: number): void {
  const marks = marksOf(database);
  if (marks.applicationId === applicationId && marks.version === version) {
    // Touches each table: a file that lacks one is damaged, and better known for it now.
    database.exec(
      'SELECT 1 FROM runs, rows, bulk, cells, leases, writers, counters LIMIT 0; SELECT next_seq FROM counters',
    );
    return;
  }
  const got = marks.applicationId === applicationId ? `one of version ${marks.version}` : 'another kind of file';
  throw new StoreError(path, 'damaged', `expected a store of version ${version}, got ${got}`);
}

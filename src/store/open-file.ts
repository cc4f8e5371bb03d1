/**
 * Opens the file of a store that is there already (make-file.ts makes one). A process that starts opens it on its
 * own thread, so nothing here waits for the disk, and for another process only some milliseconds: the
 * writer's thread syncs what is new before it says that anything is durable.
 */
import {
  accessSync,
  type BigIntStats,
  constants,
  copyFileSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readCells } from './cells.ts';
import { checkTables, createTables } from './schema.ts';
import { DatabaseSync } from './sqlite.ts';
import { StoreError, storeError, withStoreErrors } from './store-error.ts';

export const inMemory = ':memory:';

/** Longest that the host's thread waits for another process at a start, where that may be reading in a log that a killed process left. */
export const openingMaxWaitMs = 100;
/** The same later, each time it reads or claims. */
const hostMaxWaitMs = 20;
/** Longest that the writer waits for another process; only callers of `durable()` wait with it. */
const writerMaxWaitMs = 1000;
/** To which the log shrinks after much was written at once. */
const logBytes = 4 * 2 ** 20;
/** SQLite's code for a file, or the log's index beside it, that cannot be opened or made. */
const cannotOpen = 14;

/** The file of a store, open. */
export interface StoreFile {
  readonly path: string;
  readonly version: number;
  /** Which file stands there (`placeOf`). */
  readonly place: string;
  /** Open for reading; the store closes it. */
  readonly database: DatabaseSync;
  /** Nothing can be appended. */
  readonly readOnly: boolean;
}

/** For a moment's write of the host: claiming a lease. @throws {StoreError} */
export function openForHost(path: string, version: number, maxWaitMs = hostMaxWaitMs): DatabaseSync {
  const open = () => new DatabaseSync(locationOf(path, 'mode=rw'), { timeout: maxWaitMs });
  return opened(path, open, (database) => {
    database.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0');
    checkTables(database, version);
    readCells(database);
  });
}

/** Opens a store in memory, which only its opener sees. */
export function openInMemory(path: string, version: number): DatabaseSync {
  const database = new DatabaseSync(path);
  createTables(database, version);
  return database;
}

/** For the reads of a store that is written too. @throws {StoreError} */
export function openForReading(path: string, version: number): DatabaseSync {
  return opened(
    path,
    () => foundAt(path, 'mode=ro'),
    (database) => checkTables(database, version),
  );
}

/**
 * For a process that only looks. Works also where nothing can be written, as on a read-only file system, and where
 * SQLite therefore cannot make an index of the log.
 * @throws {StoreError}
 */
export function openForLooking(path: string, version: number): DatabaseSync {
  try {
    return openForReading(path, version);
  } catch (error) {
    if (storeError(path, error).trouble !== 'read-only') throw error;
    return opened(
      path,
      () => (isLogEmpty(path) ? foundAt(path, 'mode=ro&immutable=1') : openCopy(realOf(path))),
      (database) => checkTables(database, version),
    );
  }
}

function foundAt(path: string, how: string): DatabaseSync {
  return new DatabaseSync(locationOf(path, how), { readOnly: true, timeout: hostMaxWaitMs });
}

/** For the writer's thread: a commit is on disk when it returns. @throws {StoreError} */
export function openForWriting(path: string, version: number): DatabaseSync {
  const open = () => new DatabaseSync(locationOf(path, 'mode=rw'), { timeout: writerMaxWaitMs });
  return opened(path, open, (database) => {
    database.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${logBytes}`);
    checkTables(database, version);
  });
}

/** Puts into the file what stands in its log, and syncs it. Returns false when a reader stood in the way. */
export function writeBack(database: DatabaseSync): boolean {
  const { log, checkpointed } = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() ?? {};
  return log === checkpointed;
}

/** Tells what stands at `path` now from everything else of this machine; null when nothing does. */
export function identityOf(path: string): string | null {
  const stat = statOf(path);
  return stat ? identityText(stat) : null;
}

/**
 * The identity of the file at `path`; null when there is none.
 * @throws {StoreError} 'damaged' for what is no file, or an empty one, which a store never is
 */
export function placeOf(path: string): string | null {
  const stat = statOf(path);
  if (!stat) return null;
  if (!stat.isFile()) throw new StoreError(path, 'damaged', 'expected a file, got something else of that name');
  if (stat.size === 0n) throw new StoreError(path, 'damaged', 'expected a store, got an empty file');
  return identityText(stat);
}

function statOf(path: string): BigIntStats | undefined {
  return withStoreErrors(path, () => statSync(path, { throwIfNoEntry: false, bigint: true }));
}

function identityText({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** @throws {StoreError} 'missing' when the file that stood at `path` is gone or replaced */
export function checkPlace(path: string, place: string): void {
  checkThere(path);
  if (placeOf(path) !== place)
    throw new StoreError(path, 'missing', 'expected the file where it was, another stands there');
}

function opened(path: string, open: () => DatabaseSync, prepare: (database: DatabaseSync) => void): DatabaseSync {
  checkThere(path);
  try {
    const database = open();
    try {
      prepare(database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    checkThere(path);
    throw openError(path, error);
  }
}

/** Of a file beside which something has to be made: SQLite does not say that nothing can be. */
export function openError(path: string, error: unknown): StoreError {
  const known = storeError(path, error);
  return isCannotOpen(known) && !isWritable(dirname(realOf(path)))
    ? new StoreError(path, 'read-only', known.reason, known.cause)
    : known;
}

function checkThere(path: string): void {
  if (placeOf(path) === null) throw new StoreError(path, 'missing', 'expected the file where it was, it is gone');
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Only through a URL can SQLite be told not to make a file, and that one does not change. */
function locationOf(path: string, how: string): URL {
  const url = pathToFileURL(path);
  url.search = how;
  return url;
}

function isCannotOpen(error: unknown): boolean {
  const { errcode } = ((error as StoreError).cause ?? {}) as { readonly errcode?: number };
  return ((errcode ?? 0) & 0xff) === cannotOpen;
}

/** The log of rows that are not in the file itself yet. */
function isLogEmpty(path: string): boolean {
  return (statSync(logOf(path), { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/** The log's path. Where `path` is a link, SQLite keeps the log beside the file that it leads to. */
export function logOf(path: string): string {
  return `${realOf(path)}-wal`;
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** File and log where an index of the log can be made. Both are gone once they are closed. */
function openCopy(path: string): DatabaseSync {
  const folder = mkdtempSync(join(tmpdir(), 'sandtune-'));
  try {
    const copy = join(folder, 'copy.sqlite');
    for (const part of ['', '-wal']) copyFileSync(path + part, copy + part);
    const database = new DatabaseSync(copy, { readOnly: true });
    // Opens the log, before its name is gone.
    database.prepare('SELECT 1 FROM sqlite_master').get();
    return database;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

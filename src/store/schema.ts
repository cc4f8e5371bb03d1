/**
 * The tables of a store. Whatever is queried is a column; a column has one encoding.
 *
 *   runs     one row a run: how many rows it has, how long their text is, and the digest of the last, so
 *            that a cut tail shows; and which writer began it. Of a run that is being dropped as a whole,
 *            `rows` is -1
 *   rows     the rows of an outline, as text that `sqlite3` shows
 *   bulk     the bulk rows, deflated; `pruned` of them are gone from the beginning of a run
 *   cells    the newest value under a name
 *   leases   who acts for a subject now; the row outlives its holder, so that `fence` only grows
 *   writers  how many batches of each open writer are on disk: its readers add those that are not. The row
 *            goes when the writer leaves, and after a killed one with the next that opens the file
 *   counters the next `seq`, which orders all rows of the file, and the digest of all cells
 *
 * `rows` and `bulk` are two chains a run. Bulk is pruned from its beginning, an outline only with its run.
 */
import type { DatabaseSync } from 'node:sqlite';
import { digestOfCells } from './cells.ts';
import { Damage } from './store-error.ts';

/** 'sand': marks the file as ours, whatever its name. */
const applicationId = 0x73616e64;

const tables = `
  CREATE TABLE runs (
    run INTEGER PRIMARY KEY, subject TEXT NOT NULL, opened INTEGER NOT NULL,
    rows INTEGER NOT NULL, digest TEXT NOT NULL,
    bulks INTEGER NOT NULL, bulk_digest TEXT NOT NULL,
    pruned INTEGER NOT NULL, pruned_digest TEXT NOT NULL, chars INTEGER NOT NULL, writer TEXT NOT NULL
  );
  CREATE INDEX runs_by_subject ON runs (subject, opened);
  CREATE TABLE rows (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, place INTEGER NOT NULL, bulk_before INTEGER NOT NULL,
    kind TEXT NOT NULL, at_ms REAL NOT NULL, text TEXT NOT NULL, digest TEXT NOT NULL
  );
  CREATE INDEX rows_by_run ON rows (run, seq);
  CREATE INDEX rows_by_kind ON rows (run, kind, seq);
  CREATE TABLE bulk (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, place INTEGER NOT NULL,
    kind TEXT NOT NULL, at_ms REAL NOT NULL, deflated BLOB NOT NULL, digest TEXT NOT NULL
  );
  CREATE INDEX bulk_by_run ON bulk (run, seq);
  CREATE TABLE cells (
    subject TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (subject, key)
  ) WITHOUT ROWID;
  CREATE TABLE leases (
    subject TEXT PRIMARY KEY, owner TEXT, holder TEXT NOT NULL,
    fence INTEGER NOT NULL, beat INTEGER NOT NULL, renewed_ms REAL NOT NULL
  );
  CREATE TABLE writers (writer TEXT PRIMARY KEY, appended INTEGER NOT NULL);
  CREATE TABLE counters (next_seq INTEGER NOT NULL, cells_digest TEXT NOT NULL);
`;

/** @param version of what the rows mean; the file of another one is not read */
export function createTables(database: DatabaseSync, version: number): void {
  database.exec(`${tables} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version};`);
  database.prepare('INSERT INTO counters VALUES (1, ?)').run(digestOfCells([]));
}

/**
 * Passes over a file whose tables are ours and of this version. Reads a few pages.
 * @throws {Damage} for any other
 */
export function checkTables(database: DatabaseSync, version: number): void {
  const [isOurs, itsVersion] = [pragma(database, 'application_id') === applicationId, pragma(database, 'user_version')];
  if (!isOurs || itsVersion !== version) {
    const got = isOurs ? `one of version ${itsVersion}` : 'another kind of file';
    throw new Damage(`expected a store of version ${version}, got ${got}`);
  }
  const stored = database.prepare('SELECT sql FROM sqlite_master').all();
  const statements = new Set(stored.map((row) => String(row['sql'])));
  const lacking = tables.split(';').find((one) => one.trim() !== '' && !statements.has(one.trim()));
  if (lacking) throw new Damage(`expected the tables of a store, found no '${lacking.trim().split(' (')[0]}'`);
  nextSeq(database);
}

/** @throws {Damage} when it is no number that can have been put there */
export function nextSeq(database: DatabaseSync): number {
  const next = database.prepare('SELECT next_seq FROM counters').get()?.['next_seq'];
  if (typeof next === 'number' && Number.isSafeInteger(next) && next > 0) return next;
  throw new Damage(`expected the number of the next row, got ${String(next)}`);
}

/** Whether a row of `runs` is that of a run which is being dropped. */
export function isGoing(run: Readonly<Record<string, unknown>>): boolean {
  return Number(run['rows']) < 0;
}

export function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Runs `work` in one transaction: all of it or nothing. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Runs `work` on what the file holds now: whatever is written or pruned meanwhile stays out of its sight. */
export function asOfNow<T>(database: DatabaseSync, work: () => T): T {
  if (database.isTransaction) return work();
  database.exec('BEGIN');
  try {
    return work();
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

/** From now until it is closed, the connection reads the file as it is now. */
export function beginReading(database: DatabaseSync): void {
  database.exec('BEGIN');
  // SQLite takes what it sees at the first read.
  nextSeq(database);
}

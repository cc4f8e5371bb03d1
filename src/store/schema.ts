/**
 * The tables of a store. Whatever is queried is a column; a column has one encoding.
 *
 *   runs     one row a run: how many rows it has and the digest of the last, so that a cut tail shows
 *   rows     the rows of an outline, as text that `sqlite3` shows
 *   bulk     the bulk rows, deflated; `pruned` of them are gone from the beginning of a run
 *   cells    the newest value under a name
 *   leases   who acts for a subject now; the row outlives its holder, so that `fence` only grows
 *   writers  how many batches of each open writer are on disk: its readers add those that are not
 *   counters the next `seq`, which orders all rows of the file
 *
 * `rows` and `bulk` are two chains a run: the outline is never pruned, bulk only from its beginning.
 */
import type { DatabaseSync } from 'node:sqlite';

/** 'sand': marks the file as ours, whatever its name. */
export const applicationId = 0x73616e64;

const tables = `
  CREATE TABLE runs (
    run INTEGER PRIMARY KEY, subject TEXT NOT NULL, opened INTEGER NOT NULL,
    rows INTEGER NOT NULL, digest TEXT NOT NULL,
    bulks INTEGER NOT NULL, bulk_digest TEXT NOT NULL,
    pruned INTEGER NOT NULL, pruned_digest TEXT NOT NULL
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
  CREATE TABLE counters (next_seq INTEGER NOT NULL);
  INSERT INTO counters VALUES (1);
`;

/** @param version of what the rows mean; the file of another one is not read */
export function createTables(database: DatabaseSync, version: number): void {
  database.exec(`${tables} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version};`);
}

export type Marks = { readonly applicationId: number; readonly version: number; readonly isEmpty: boolean };

/** Whose file it is, and of which version. Reads one page. */
export function marksOf(database: DatabaseSync): Marks {
  return {
    applicationId: pragma(database, 'application_id'),
    version: pragma(database, 'user_version'),
    isEmpty: database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() === undefined,
  };
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

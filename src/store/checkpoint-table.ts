/**
 * Checkpoints as rows, in a database of their own or beside somebody's output, so that both are committed
 * together. Everything here is done in the transaction that is open, or in one of its own.
 *
 *   sandtune_runs         one row a job: the token of its newest run, and which checkpoint it saved last: a row that is gone shows
 *   sandtune_checkpoints  one row a checkpoint; `quarantined` says why it does not verify
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SQLOutputValue } from 'node:sqlite';
import { syncFolder } from '../foundation/folders.ts';
import { alone, besides, putInPlace } from './make-file.ts';
import { placeOf, writeBack } from './open-file.ts';
import { transaction } from './schema.ts';
import { DatabaseSync } from './sqlite.ts';

const tables = `
  CREATE TABLE IF NOT EXISTS sandtune_runs (
    job TEXT PRIMARY KEY, token INTEGER NOT NULL, saved_token INTEGER NOT NULL, saved_epoch INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sandtune_checkpoints (
    id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, token INTEGER NOT NULL, epoch INTEGER NOT NULL,
    saved_at_ms REAL NOT NULL, content BLOB NOT NULL, quarantined TEXT, UNIQUE (job, token, epoch)
  ) STRICT;
`;

/** Four times SQLite's own: a checkpoint is one large value, and few writes. */
const pageBytes = 16_384;
/** Longest wait for another process that writes to the file. */
const maxWaitMs = 1000;

export interface CheckpointRow {
  readonly job: string;
  readonly token: number;
  readonly epoch: number;
  readonly savedAtMs: number;
}

export interface StoredCheckpointRow extends CheckpointRow {
  readonly id: number;
  readonly bytes: number;
  readonly quarantined: string | null;
}

/** To read only: makes no file and no table. @throws {StoreError} and SQLite's errors */
export function openCheckpointsToRead(path: string): DatabaseSync | undefined {
  // What is empty is no database that was ever written.
  if (placeOf(path) === null) return undefined;
  return new DatabaseSync(path, { timeout: maxWaitMs, readOnly: true });
}

/** A commit is on disk when it returns. The file is made whole where there is none. @throws {StoreError} and SQLite's errors */
export function openCheckpointTable(path: string): DatabaseSync {
  if (placeOf(path) === null) {
    alone(path, () => {
      if (placeOf(path) !== null) return;
      putInPlace(draftOf(path), path);
      syncFolder(dirname(path));
    });
  }
  return opened(path);
}

/** Made with a journal and not with a log, whose content would stay out of the file where closing it fails, in silence. */
function draftOf(path: string): string {
  const draft = `${path}.new`;
  for (const part of ['', '-journal', ...besides]) rmSync(draft + part, { force: true });
  using database = new DatabaseSync(draft);
  // The size of a page holds for a file that is made here, and for no other.
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL`);
  transaction(database, () => createCheckpointTable(database));
  // Last, so that nothing of it stands in a log.
  database.exec('PRAGMA journal_mode = WAL');
  return draft;
}

function opened(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: maxWaitMs });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    createCheckpointTable(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function createCheckpointTable(database: DatabaseSync): void {
  database.exec(tables);
}

/** True where the database has such a table. */
export function hasCheckpointTable(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sandtune_checkpoints'").get() !== undefined;
}

/** The token of a new run of the job, larger than all before. In the file itself when it returns, and not in its log alone. */
export function fenceJob(database: DatabaseSync, job: string): number {
  const token = transaction(database, () => {
    const query = `SELECT max(coalesce((SELECT token FROM sandtune_runs WHERE job = ?), 0),
      coalesce((SELECT max(token) FROM sandtune_checkpoints WHERE job = ?), 0)) AS newest`;
    const next = Number(database.prepare(query).get(job, job)?.['newest']) + 1;
    database
      .prepare('INSERT INTO sandtune_runs VALUES (?, ?, 0, 0) ON CONFLICT (job) DO UPDATE SET token = excluded.token')
      .run(job, next);
    return next;
  });
  writeBack(database);
  return token;
}

/** The newest run of the job; 0 before the first. */
export function newestRun(database: DatabaseSync, job: string): number {
  return Number(database.prepare('SELECT token FROM sandtune_runs WHERE job = ?').get(job)?.['token'] ?? 0);
}

/**
 * Inserts a checkpoint, in the transaction that is open. Whether its run is the newest is to be asked in the
 * same one.
 * @returns its id
 */
export function insertCheckpoint(database: DatabaseSync, row: CheckpointRow, content: Uint8Array): number {
  const { job, token, epoch, savedAtMs } = row;
  const { lastInsertRowid } = database
    .prepare(
      'INSERT OR REPLACE INTO sandtune_checkpoints (job, token, epoch, saved_at_ms, content) VALUES (?, ?, ?, ?, ?)',
    )
    .run(job, token, epoch, savedAtMs, content);
  database.prepare('UPDATE sandtune_runs SET saved_token = ?, saved_epoch = ? WHERE job = ?').run(token, epoch, job);
  return Number(lastInsertRowid);
}

/**
 * Puts into the file what stands in its log, and empties that: of a log that is damaged SQLite believes the
 * beginning, and would take older pages from it for those in the file. What was committed stays so where this fails.
 */
export function emptyLog(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The next one that is saved tries again.
  }
}

const rows = `SELECT id, job, token, epoch, saved_at_ms, length(content) AS bytes, quarantined FROM sandtune_checkpoints`;

/** @param job null: of all jobs */
export function checkpointRows(database: DatabaseSync, job: string | null): readonly StoredCheckpointRow[] {
  return database.prepare(`${rows} WHERE ? IS NULL OR job = ?`).all(job, job).map(rowOf);
}

export function checkpointRow(database: DatabaseSync, id: number): StoredCheckpointRow | undefined {
  const row = database.prepare(`${rows} WHERE id = ?`).get(id);
  return row && rowOf(row);
}

export function checkpointRowAt(
  database: DatabaseSync,
  { job, token, epoch }: Omit<CheckpointRow, 'savedAtMs'>,
): StoredCheckpointRow | undefined {
  const row = database.prepare(`${rows} WHERE job = ? AND token = ? AND epoch = ?`).get(job, token, epoch);
  return row && rowOf(row);
}

function rowOf(row: Record<string, SQLOutputValue>): StoredCheckpointRow {
  return {
    id: Number(row['id']),
    job: String(row['job']),
    token: Number(row['token']),
    epoch: Number(row['epoch']),
    savedAtMs: Number(row['saved_at_ms']),
    bytes: Number(row['bytes']),
    quarantined: row['quarantined'] === null ? null : String(row['quarantined']),
  };
}

/** The checkpoint that the job saved last; null where it has saved none. */
export function lastSavedCheckpoint(
  database: DatabaseSync,
  job: string,
): Pick<CheckpointRow, 'token' | 'epoch'> | null {
  const row = database.prepare('SELECT saved_token, saved_epoch FROM sandtune_runs WHERE job = ?').get(job);
  const [token, epoch] = [Number(row?.['saved_token'] ?? 0), Number(row?.['saved_epoch'] ?? 0)];
  return token > 0 ? { token, epoch } : null;
}

/** undefined where there is none. */
export function checkpointContent(database: DatabaseSync, id: number): Uint8Array | undefined {
  const content = database.prepare('SELECT content FROM sandtune_checkpoints WHERE id = ?').get(id)?.['content'];
  return content instanceof Uint8Array ? content : undefined;
}

export function hasCheckpoint(database: DatabaseSync, id: number): boolean {
  return database.prepare('SELECT 1 FROM sandtune_checkpoints WHERE id = ?').get(id) !== undefined;
}

export function quarantineCheckpoint(database: DatabaseSync, id: number, reason: string): void {
  database.prepare('UPDATE sandtune_checkpoints SET quarantined = ? WHERE id = ?').run(reason, id);
}

export function removeCheckpoints(database: DatabaseSync, ids: readonly number[]): void {
  const remove = database.prepare('DELETE FROM sandtune_checkpoints WHERE id = ?');
  for (const id of ids) remove.run(id);
}

/** A store in a folder of the test's own, and rows to put there. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { type OpenedStore, type OpenStoreOptions, openStore } from '../../src/store/open-store.ts';
import type { NewRow, Row } from '../../src/store/row.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const version = 7;
export const wallMs = Date.UTC(2026, 0, 2, 3, 4, 5);

export function storeFile(): string {
  return join(temporaryFolder(), 'state', 'test.sqlite');
}

/** Closed when the test is over. */
export function open(path: string, options: Partial<OpenStoreOptions> = {}): OpenedStore {
  const opened = openStore({ path, version, wallMs, ...options });
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}

export function row(text: string, options: Partial<NewRow> = {}): NewRow {
  return { subject: 'pool', run: 1, kind: 'note', atMs: 1000, text, bulk: false, ...options };
}

export function bulk(text: string, options: Partial<NewRow> = {}): NewRow {
  return row(text, { kind: 'window', bulk: true, ...options });
}

export function texts(rows: Iterable<Row>): string[] {
  return [...rows].map((one) => one.text);
}

/** What another program does to the file. */
export function meddle(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}

/** Fills the first page of a table or index with nonsense. */
export function overwritePage(path: string, name: string): void {
  using database = new DatabaseSync(path);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const page = Number(database.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').get(name)?.['rootpage']);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (page - 1) * 4096);
  closeSync(file);
}

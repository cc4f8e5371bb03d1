/**
 * The cells of a store. They are few and are read together, with their digest, which stands in another
 * table: an off switch that was altered or got lost must not look like one that was never set.
 */
import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Cell } from './row.ts';
import { Damage } from './store-error.ts';

/** @throws {Damage} when they are not what was put */
export function readCells(database: DatabaseSync): readonly Cell[] {
  const cells = storedCells(database);
  const digest = database.prepare('SELECT cells_digest FROM counters').get()?.['cells_digest'];
  if (digest !== digestOfCells(cells)) throw new Damage('expected the cells that were put, got others');
  return cells;
}

/** Inside a transaction. @throws {Damage} when those that are there are not what was put: they must not be sealed anew */
export function putCells(database: DatabaseSync, cells: readonly Cell[]): void {
  readCells(database);
  const put = database.prepare('INSERT OR REPLACE INTO cells VALUES (?, ?, ?)');
  for (const { subject, key, value } of cells) put.run(subject, key, value);
  database.prepare('UPDATE counters SET cells_digest = ?').run(digestOfCells(storedCells(database)));
}

/** As they stand there, whatever their digest says. */
function storedCells(database: DatabaseSync): readonly Cell[] {
  return database
    .prepare('SELECT subject, key, value FROM cells ORDER BY subject, key')
    .all()
    .map((row) => ({ subject: String(row['subject']), key: String(row['key']), value: String(row['value']) }));
}

/** 128 bits, as 32 hexadecimal digits. */
export function digestOfCells(cells: readonly Cell[]): string {
  const text = JSON.stringify(cells.map(({ subject, key, value }) => [subject, key, value]));
  return hash('sha256', text).slice(0, 32);
}

/** Moves a file that cannot be used out of the way, under a name that says when, so that a new one can be started. */
import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../foundation/errors.ts';
import { placeOf } from './open-file.ts';
import type { Cell } from './row.ts';
import { withStoreErrors } from './store-error.ts';

export interface SetAside {
  /** Where the file is now. */
  readonly path: string;
  /** What was wrong with it. */
  readonly reason: string;
  /** What could still be read of its cells; null when nothing could, so nobody knows what they said. */
  readonly cells: readonly Cell[] | null;
}

/** Reads the cells of a file of another version or kind. @throws anything when it cannot */
export type Salvage = (database: DatabaseSync) => readonly Cell[];

/** @param wallMs Unix time, for the name */
export function setAside(path: string, error: unknown, salvage: Salvage, wallMs: number): SetAside {
  return withStoreErrors(path, () => {
    const place = placeOf(path);
    const cells = salvaged(path, salvage);
    const target = nameFor(path, wallMs);
    // Another process may have done the same meanwhile: what stands there now is not what was looked at.
    if (placeOf(path) !== place) return { path: target, reason: messageOf(error), cells };
    for (const part of ['-wal', '-shm', '']) if (existsSync(path + part)) renameSync(path + part, target + part);
    return { path: target, reason: messageOf(error), cells };
  });
}

function nameFor(path: string, wallMs: number): string {
  const at = new Date(wallMs).toISOString().replaceAll(/[:.]/g, '-');
  return path.replace(/(\.[^./]*)?$/, (extension) => `.set-aside-${at}${extension}`);
}

function salvaged(path: string, salvage: Salvage): readonly Cell[] | null {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return salvage(database);
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

/** The cells of a store, of whatever version. */
export function cellsOf(database: DatabaseSync): readonly Cell[] {
  return database
    .prepare('SELECT subject, key, value FROM cells')
    .all()
    .map((row) => ({ subject: String(row['subject']), key: String(row['key']), value: String(row['value']) }));
}

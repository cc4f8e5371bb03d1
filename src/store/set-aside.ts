/** Moves a file that cannot be used out of the way, under a name that says when, and puts a new one in its place. */
import { existsSync, linkSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { besides, makeDraft, putInPlace } from './make-file.ts';
import { identityOf } from './open-file.ts';
import type { Cell } from './row.ts';
import { DatabaseSync } from './sqlite.ts';

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

/**
 * Whenever the process is killed meanwhile, one of the two files stands at `path`.
 * @param wallMs Unix time, for the name
 */
export function setAside(
  path: string,
  { reason, version, salvage, wallMs }: { reason: string; version: number; salvage: Salvage; wallMs: number },
): SetAside {
  const cells = salvaged(path, salvage);
  const draft = makeDraft(path, version, cells ?? []);
  const target = nameFor(path, wallMs);
  for (const part of besides) if (existsSync(path + part)) renameSync(path + part, target + part);
  try {
    linkSync(path, target);
  } catch {
    // A folder, or a file system that gives no second name.
    renameSync(path, target);
  }
  putInPlace(draft, path);
  return { path: target, reason, cells };
}

/** What another process set aside that was quicker. Its cells were carried over by that one. */
export function setAsideByOther(path: string, identity: string, reason: string, salvage: Salvage): SetAside {
  const names = readdirSync(dirname(path)).map((name) => join(dirname(path), name));
  const found = names.find((name) => identityOf(name) === identity);
  return { path: found ?? path, reason, cells: found ? salvaged(found, salvage) : null };
}

/** null when they cannot be read. */
function salvaged(path: string, salvage: Salvage): readonly Cell[] | null {
  try {
    // What is no file may wait for ever to be opened.
    if (!statSync(path).isFile()) return null;
    using database = new DatabaseSync(path, { readOnly: true });
    return salvage(database);
  } catch {
    return null;
  }
}

function nameFor(path: string, wallMs: number): string {
  const at = new Date(wallMs).toISOString().replaceAll(/[:.]/g, '-');
  for (let count = 1; ; count++) {
    const mark = `.set-aside-${at}${count > 1 ? `-${count}` : ''}`;
    const name = path.replace(/(\.[^./]*)?$/, (extension) => `${mark}${extension}`);
    if (!existsSync(name)) return name;
  }
}

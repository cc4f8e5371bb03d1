/** Folders by paths that a user names, which may lead anywhere. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, where they are not there. Node's own way, `recursive: true`, never returns
 * where a file system has the parent and still says ENOENT, as /proc does.
 * @throws {Error} the system's: what is in the way, or forbids it
 */
export function makeFolder(path: string): void {
  const refusal = refusalOf(path);
  if (refusal === null) return;
  const parent = dirname(path);
  if (refusal.code !== 'ENOENT' || parent === path || existsSync(parent)) throw refusal;
  makeFolder(parent);
  // Somebody else may have made it meanwhile, which is as good.
  const again = refusalOf(path);
  if (again) throw again;
}

/** null: the folder is there. */
function refusalOf(path: string): NodeJS.ErrnoException | null {
  try {
    mkdirSync(path);
    return null;
  } catch (error) {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? null : (error as NodeJS.ErrnoException);
  }
}

/** What stands in a folder is on disk when it returns: names that were made, moved or taken away. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** As `path.resolve()`; of a program whose working folder is gone the path as it is, which leads nowhere. */
export function absolutePath(path: string): string {
  try {
    return resolve(path);
  } catch {
    return path;
  }
}

/** Where in a program an executor was made: the place to write a setting that is to last. */
import { statSync } from 'node:fs';
import type { CallSite } from '../foundation/call-site.ts';
import { processWide } from '../foundation/process-wide.ts';

export interface MadeAt extends CallSite {
  /** Of the file when the executor was made; null where it could not be looked at. */
  readonly version: string | null;
}

const places = processWide('executor-made-at', () => new WeakMap<object, MadeAt>());

export function wasMadeAt(executor: object, site: CallSite | null): void {
  if (site !== null) places.set(executor, { ...site, version: fileVersion(site.file) });
}

/** One executor stands for another. */
export function wasMadeLike(executor: object, other: object): void {
  const place = places.get(other);
  if (place) places.set(executor, place);
}

/** null where that is not known. */
export function madeAt(executor: object): MadeAt | null {
  return places.get(executor) ?? null;
}

/** The same again where nobody has written the file since; null where there is none. */
export function fileVersion(file: string): string | null {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return null;
  }
}

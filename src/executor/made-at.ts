/** Where in a program an executor was made: the place to write a setting that is to last. */
import { statSync } from 'node:fs';
import type { CallSite } from '../foundation/call-site.ts';
import { processWide } from '../foundation/process-wide.ts';

export interface MadeAt extends CallSite {
  /** Of the file when the executor was made; null where it could not be looked at. */
  readonly version: string | null;
  /** Others were made there too, as by a helper or in a loop: what is written there is written for all of them. */
  readonly isShared: boolean;
}

type Place = Omit<MadeAt, 'isShared'>;

const places = processWide('executor-made-at', () => new WeakMap<object, Place>());
/** How many were made at each place, by file, line and column: as many entries as a program has places. */
const counts = processWide('executors-made-at', () => new Map<string, number>());

export function wasMadeAt(executor: object, site: CallSite | null): void {
  if (site === null) return;
  places.set(executor, { ...site, version: fileVersion(site.file) });
  counts.set(named(site), (counts.get(named(site)) ?? 0) + 1);
}

/** One executor stands for another. */
export function wasMadeLike(executor: object, other: object): void {
  const place = places.get(other);
  if (place) places.set(executor, place);
}

/** null where that is not known. */
export function madeAt(executor: object): MadeAt | null {
  const place = places.get(executor);
  return place ? { ...place, isShared: (counts.get(named(place)) ?? 0) > 1 } : null;
}

function named({ file, line, column }: CallSite): string {
  return `${file}:${line}:${column}`;
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

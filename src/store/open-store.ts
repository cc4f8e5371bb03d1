/**
 * Opens stores, each file once a process: whoever opens it again shares it, and the last one to leave
 * closes it. A file that is no store of this version is set aside, and its cells are carried over.
 * What is appended and not on disk when the process ends in order is waited for, a while.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { inMemory, openForHost, openForReading, placeOf } from './open-file.ts';
import { cellsOf, type Salvage, type SetAside, setAside } from './set-aside.ts';
import { Store } from './store.ts';
import { StoreError, storeError } from './store-error.ts';

export interface OpenStoreOptions {
  /** The file, made when missing together with its folder; ':memory:' keeps nothing. */
  readonly path: string;
  /** Of what the rows mean. */
  readonly version: number;
  /** Unix time, for the name of a file that is set aside. */
  readonly wallMs: number;
  /** Only looks: makes no file and sets none aside. @defaultValue false */
  readonly readOnly?: boolean;
  /** Reads the cells of a file that is set aside. @defaultValue the cells of any version of this format */
  readonly salvage?: Salvage;
  /** What was found to be wrong with the file later than at its opening: sets it aside in any case. */
  readonly distrust?: StoreError;
}

/** Somebody's part in a store. Disposing it waits until what was appended is on disk, or cannot be. */
export interface OpenedStore extends Disposable, AsyncDisposable {
  readonly store: Store;
  /** The file that stood in the way; null when none did. */
  readonly setAside: SetAside | null;
}

interface Shared {
  readonly store: Store;
  readonly place: string;
  users: number;
}

const sharedStores = new Map<string, Shared>();

/** @throws {StoreError} 'damaged' only with `readOnly`, and when the file cannot be set aside */
export function openStore(options: OpenStoreOptions): OpenedStore {
  if (options.path === inMemory) return privateStore(options);
  const path = join(resolve(dirname(options.path)), basename(options.path));
  const shared = sharedStores.get(path);
  if (shared && !options.distrust && stands(path, shared.place)) return part(path, shared, null);
  const { store, aside } = openFile({ ...options, path });
  const opened: Shared = { store, place: placeOf(path), users: 0 };
  if (!options.readOnly) share(path, opened);
  if (aside?.cells) store.append([], { cells: aside.cells });
  return part(path, opened, aside);
}

function openFile({ path, version, wallMs, readOnly = false, salvage = cellsOf, distrust }: OpenStoreOptions) {
  if (readOnly) return { store: new Store(path, version, openForReading(path, version), true), aside: null };
  const open = () => {
    using _first = openForHost(path, version);
    // Opened before the other closes: the last connection to close would write the log back.
    return new Store(path, version, openForReading(path, version), false);
  };
  try {
    if (distrust) throw distrust;
    return { store: open(), aside: null };
  } catch (error) {
    if (storeError(path, error).trouble !== 'damaged') throw error;
    const aside = setAside(path, error, salvage, wallMs);
    return { store: open(), aside };
  }
}

function privateStore({ path, version }: OpenStoreOptions): OpenedStore {
  const shared = { store: new Store(path, version, openForHost(path, version), false), place: path, users: 0 };
  return part(path, shared, null);
}

function share(path: string, opened: Shared): void {
  if (sharedStores.size === 0) process.on('exit', flushAll);
  sharedStores.set(path, opened);
}

/** One user's part: it leaves once, however often it says so. */
function part(path: string, shared: Shared, aside: SetAside | null): OpenedStore {
  const { store } = shared;
  shared.users++;
  let here = true;
  const leave = (): boolean => {
    const wasHere = here;
    here = false;
    if (!wasHere || --shared.users > 0) return false;
    if (sharedStores.get(path) === shared) sharedStores.delete(path);
    if (sharedStores.size === 0) process.off('exit', flushAll);
    return true;
  };
  return {
    store,
    setAside: aside,
    [Symbol.dispose]() {
      if (here) store.flush();
      if (leave()) void store.close();
    },
    async [Symbol.asyncDispose]() {
      if (here) await store.durable().catch(() => undefined);
      if (leave()) await store.close();
    },
  };
}

function stands(path: string, place: string): boolean {
  try {
    return placeOf(path) === place;
  } catch {
    return false;
  }
}

function flushAll(): void {
  for (const { store } of sharedStores.values()) store.flush();
}

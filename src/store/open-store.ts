/**
 * Opens stores, each file once a process: a second opener shares it, and it is closed when the last one
 * has left and what was appended is on disk. A file that is no store of this version is set aside, and
 * its cells are carried over. What is not on disk when the process ends in order is waited for, a while.
 */
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { absolutePath } from '../foundation/folders.ts';
import { readCells } from './cells.ts';
import { alone, besides, makeDraft, putInPlace } from './make-file.ts';
import {
  identityOf,
  inMemory,
  logOf,
  openForHost,
  openForLooking,
  openForReading,
  openInMemory,
  openingMaxWaitMs,
  placeOf,
} from './open-file.ts';
import { beginReading } from './schema.ts';
import { type Salvage, type SetAside, setAside, setAsideByOther } from './set-aside.ts';
import { Store } from './store.ts';
import { StoreError, storeError, withStoreErrors } from './store-error.ts';

export interface OpenStoreOptions {
  /** The file, made when missing together with its folder; ':memory:' keeps nothing. */
  readonly path: string;
  /** Of what the rows mean. */
  readonly version: number;
  /** Unix time, for the name of a file that is set aside. */
  readonly wallMs: number;
  /** Only looks at what is on disk: makes no file and sets none aside, and works where nothing can be written. @defaultValue false */
  readonly readOnly?: boolean;
  /**
   * With `readOnly`: all that is read is as it was at the opening, whatever is written or pruned meanwhile.
   * Until it is left the log of the file only grows. @defaultValue false
   */
  readonly asOfOpening?: boolean;
  /** Reads the cells of a file that is set aside. @defaultValue the cells of any version of this format */
  readonly salvage?: Salvage;
}

/**
 * Somebody's part in a store. Disposing it waits for nothing: what was appended is written meanwhile, by a
 * process that stays alive for it. `asyncDispose` resolves when it is on disk, or cannot be.
 */
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

type Wanted = Required<OpenStoreOptions>;

/** By path: the stores of this process. */
const sharedStores = new Map<string, Shared>();

/** What this process knows of the file that it opened last at a path. */
interface Known {
  readonly place: string;
  /** The identity of its log. */
  readonly log: string | null;
  /** Found after it was opened. */
  damage: StoreError | null;
}

const knownFiles = new Map<string, Known>();

/**
 * After a trouble that does not heal, opening the path again gives another file: a damaged one is set aside
 * for the reason that was met, and what waited for the old one is not written to the new.
 * @throws {StoreError} 'damaged' only with `readOnly`; 'missing' only with it, or when somebody deletes the
 *   file just now; otherwise what may heal, so that it can be tried again
 */
export function openStore(options: OpenStoreOptions): OpenedStore {
  const path = options.path === inMemory ? inMemory : join(absolutePath(dirname(options.path)), basename(options.path));
  const wanted: Wanted = { readOnly: false, asOfOpening: false, salvage: readCells, ...options, path };
  if (path === inMemory || wanted.readOnly) return part(path, openedBy(wanted), null);
  const shared = sharedStores.get(path);
  if (shared && isUsable(path, shared)) return part(path, shared, null);
  const { opened, aside } = openOrReplace(wanted);
  share(path, opened);
  return part(path, opened, aside);
}

function openOrReplace(wanted: Wanted): { readonly opened: Shared; readonly aside: SetAside | null } {
  const { path, version, salvage } = wanted;
  const before = identityOf(path);
  try {
    if (before === null) alone(path, () => makeUnlessThere(path, version));
    const known = knownFiles.get(path);
    if (known && known.place !== before) alone(path, () => dropLog(path, known));
    if (known?.damage && known.place === before) throw known.damage;
    placeOf(path);
    // Is closed after the one for reading was opened: the last one to close would write the log back.
    using _host = openForHost(path, version, openingMaxWaitMs);
    return { opened: openedBy(wanted), aside: null };
  } catch (error) {
    const { trouble, message } = storeError(path, error);
    if (trouble !== 'damaged') throw error;
    const aside = withStoreErrors(path, () =>
      alone(path, () =>
        identityOf(path) === before
          ? setAside(path, { ...wanted, reason: message })
          : setAsideByOther(path, String(before), message, salvage),
      ),
    );
    return { opened: openedBy(wanted), aside };
  }
}

/** Another process may have been quicker. */
function makeUnlessThere(path: string, version: number): void {
  withStoreErrors(path, () => {
    if (placeOf(path) === null) putInPlace(makeDraft(path, version, []), path);
  });
}

/** The log of a file that was replaced stands beside the new one, and SQLite would take it for that one's. */
function dropLog(path: string, { log }: Known): void {
  const found = logOf(path);
  if (log === null || identityOf(found) !== log) return;
  const file = found.slice(0, -besides[0].length);
  for (const part of besides) rmSync(file + part, { force: true });
}

function openedBy({ path, version, readOnly, asOfOpening }: Wanted): Shared {
  const open = path === inMemory ? openInMemory : readOnly ? openForLooking : openForReading;
  const database = open(path, version);
  try {
    const place = path === inMemory ? path : placeOf(path);
    if (place === null) throw new StoreError(path, 'missing', 'expected the file where it was, it is gone');
    if (readOnly && asOfOpening) withStoreErrors(path, () => beginReading(database));
    const store = new Store({ path, version, place, database, readOnly });
    return { store, place, users: 0 };
  } catch (error) {
    database.close();
    throw error;
  }
}

function share(path: string, opened: Shared): void {
  const { store, place } = opened;
  const known: Known = { place, log: identityOf(logOf(path)), damage: null };
  store.onTrouble((error) => {
    if (error.trouble === 'damaged') known.damage = error;
  });
  knownFiles.set(path, known);
  if (sharedStores.size === 0) process.on('exit', flushAll);
  sharedStores.set(path, opened);
}

/** One user's part: it leaves once, however often it says so. */
function part(path: string, shared: Shared, aside: SetAside | null): OpenedStore {
  shared.users++;
  let leaving: Promise<void> | null = null;
  const leaveOnce = () => (leaving ??= leave(path, shared));
  return {
    store: shared.store,
    setAside: aside,
    [Symbol.dispose]() {
      void leaveOnce();
    },
    [Symbol.asyncDispose]: leaveOnce,
  };
}

async function leave(path: string, shared: Shared): Promise<void> {
  const { store } = shared;
  shared.users--;
  if (!store.isWritten) await store.durable().catch(() => undefined);
  // Somebody is here still, or has come while it was written.
  if (shared.users > 0) return;
  if (sharedStores.get(path) === shared) sharedStores.delete(path);
  if (sharedStores.size === 0) process.off('exit', flushAll);
  await store.close();
}

function isUsable(path: string, { store, place }: Shared): boolean {
  if (store.trouble?.mayHeal === false) return false;
  try {
    return placeOf(path) === place;
  } catch {
    return false;
  }
}

function flushAll(): void {
  for (const { store } of sharedStores.values()) store.flush();
}

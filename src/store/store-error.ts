/** What can be wrong with a store's file, told apart by what its user can do about it. */
import { messageOf, SandtuneError } from '../foundation/errors.ts';

/**
 * `damaged`: not a store of this version, or not whole. `missing`: the file is gone from its place, or
 * another stands there. `closed`: nobody may write any more. None of these heals by itself: the next that
 * opens the path gets another file. `locked`: another process holds it. `full`, `read-only`: as the system
 * says. `hung`: the disk does not answer. `failed`: anything else, the disk above all. These may heal, and
 * writing is tried again meanwhile.
 */
export type Trouble = 'damaged' | 'missing' | 'closed' | 'locked' | 'full' | 'read-only' | 'hung' | 'failed';

const lasting: ReadonlySet<Trouble> = new Set(['damaged', 'missing', 'closed']);

export class StoreError extends SandtuneError {
  readonly path: string;
  readonly trouble: Trouble;
  /** The message without the file's name. */
  readonly reason: string;

  constructor(path: string, trouble: Trouble, reason: string, cause?: unknown) {
    super('ERR_SANDTUNE_STORE', `store ${path}: ${reason}`, { cause });
    this.path = path;
    this.trouble = trouble;
    this.reason = reason;
  }

  /** False where waiting is of no use: the path has to be opened again. */
  get mayHeal(): boolean {
    return !lasting.has(this.trouble);
  }
}

/** What stands in the file cannot be what was written. */
export class Damage extends Error {}

/**
 * SQLite's primary result codes. An error in a statement, a broken constraint and a wrong type are the
 * file's fault, since the statements are always the same and are right for a file that is whole.
 */
const troubles: Readonly<Record<number, Trouble>> = {
  1: 'damaged',
  5: 'locked',
  6: 'locked',
  8: 'read-only',
  11: 'damaged',
  13: 'full',
  19: 'damaged',
  20: 'damaged',
  26: 'damaged',
};

/** Codes of Node: of the system's errors, and of a number that was read and is none that can have been written. */
const troublesOfNode: Readonly<Record<string, Trouble>> = {
  EROFS: 'read-only',
  EACCES: 'read-only',
  EPERM: 'read-only',
  ENOSPC: 'full',
  EDQUOT: 'full',
  ERR_OUT_OF_RANGE: 'damaged',
  ERR_INVALID_STATE: 'closed',
};

export function storeError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(path, troubleOf(error), messageOf(error), error);
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Damage) return 'damaged';
  const { errcode, code } = error as { readonly errcode?: number; readonly code?: string };
  return troubles[(errcode ?? 0) & 0xff] ?? troublesOfNode[code ?? ''] ?? 'failed';
}

/** Runs `work`, with whatever it throws turned into a StoreError. */
export function withStoreErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(path, error);
  }
}

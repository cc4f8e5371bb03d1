/** What can be wrong with a store's file, told apart by what its user can do about it. */
import { messageOf, SandtuneError } from '../foundation/errors.ts';

/**
 * `damaged`: not a store of this version, or not whole; set aside at the next start. `locked`:
 * another process holds it. `full`, `read-only`: as the system says. `missing`: the file is gone from
 * its place. `closed`: nobody may write any more. `failed`: anything else, the disk above all.
 */
export type Trouble = 'damaged' | 'locked' | 'full' | 'read-only' | 'missing' | 'closed' | 'failed';

export class StoreError extends SandtuneError {
  readonly trouble: Trouble;
  /** The message without the file's name. */
  readonly reason: string;

  constructor(path: string, trouble: Trouble, reason: string, cause?: unknown) {
    super('ERR_SANDTUNE_STORE', `store ${path}: ${reason}`, { cause });
    this.trouble = trouble;
    this.reason = reason;
  }
}

/** SQLite's primary result codes. */
const troubles: Readonly<Record<number, Trouble>> = {
  5: 'locked',
  6: 'locked',
  8: 'read-only',
  11: 'damaged',
  13: 'full',
  26: 'damaged',
};

/** A table or column that is not there is a file of somebody else's making. */
const foreignShape = /^no such (table|column)/;

export function storeError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = messageOf(error);
  const { errcode } = error as { readonly errcode?: number };
  const trouble = foreignShape.test(message) ? 'damaged' : (troubles[(errcode ?? 0) & 0xff] ?? 'failed');
  return new StoreError(path, trouble, message, error);
}

/** Runs `work`, with whatever it throws turned into a StoreError. */
export function withStoreErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(path, error);
  }
}

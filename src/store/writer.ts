/**
 * What writes a store's file. `ThreadWriter` does it on a thread of its own, `DirectWriter` at once
 * for a store in memory; both carry out the same requests in the order they came.
 */
import type { DatabaseSync } from 'node:sqlite';
import { releaseLease, renewLease } from './lease.ts';
import type { Batch, Fence } from './row.ts';
import type { PruneLimits, RowWriter } from './row-writer.ts';
import type { StoreError } from './store-error.ts';

export interface Writer {
  /** Batches that are not known to be on disk, oldest first. */
  readonly waiting: readonly Batch[];
  /** In order, and never throws: whether it could be written is told by `written`. */
  append(batch: Batch): void;
  /** Resolves when the batch of this number and all before it are on disk. @throws {StoreError} after a try that failed; it is tried again */
  written(number: number): Promise<void>;
  /** @throws {StoreError} when it could not be done */
  ask(request: Request): Promise<number>;
  /** Holds the thread up until what was appended was written, or could not be, or the time is over. */
  flush(mostMs: number): void;
  close(): Promise<void>;
}

export interface WriterListener {
  /** Grants of a lease that turned out not to be the newest, before `written` settles. */
  outdated(fences: readonly Fence[]): void;
  /** Once for each trouble, until a batch was written again. */
  trouble(error: StoreError): void;
}

export type Request =
  | { readonly kind: 'renew'; readonly fence: Fence; readonly wallMs: number }
  | { readonly kind: 'release'; readonly fence: Fence }
  /** One step; the answer is the number of rows dropped. */
  | ({ readonly kind: 'prune' } & PruneLimits);

/** Answers 1 or 0 where the question is whether it was done. */
export function carryOut(database: DatabaseSync, rows: RowWriter, request: Request): number {
  switch (request.kind) {
    case 'renew':
      return renewLease(database, request.fence, request.wallMs) ? 1 : 0;
    case 'release':
      releaseLease(database, request.fence);
      return 1;
    case 'prune':
      return rows.prune(request);
  }
}

/**
 * What writes a store's file. `ThreadWriter` does it on a thread of its own, `DirectWriter` at once
 * for a store in memory; both carry out the same requests in the order they came.
 */
import type { DatabaseSync } from 'node:sqlite';
import { readCells } from './cells.ts';
import {
  type Claim,
  claimLease,
  type Granted,
  type HolderLook,
  lookAtHolder,
  releaseLease,
  renewLease,
} from './lease.ts';
import { type PruneLimits, type PruneStep, pruneStep } from './prune.ts';
import type { Batch, Cell, Fence } from './row.ts';
import type { StoreError } from './store-error.ts';

export interface Writer {
  /** Batches that are not known to be on disk, oldest first. */
  readonly waiting: readonly Batch[];
  /** Characters of their rows. */
  readonly waitingChars: number;
  /** In order, and never throws: whether it could be written is told by `written`. */
  append(batch: Batch): void;
  /** Resolves when the batch of this number and all before it are on disk. @throws {StoreError} after a try that failed; it is tried again while it may heal */
  written(number: number): Promise<void>;
  /** @throws {StoreError} when it could not be done */
  ask<R extends Request>(request: R): Promise<Answers[R['kind']]>;
  /** Holds the thread up until what was appended was written, or could not be, or the time is over. */
  flush(mostMs: number): void;
  close(): Promise<void>;
}

export interface WriterListener {
  /** Grants of a lease that turned out not to be the newest, before `written` settles. */
  outdated(fences: readonly Fence[]): void;
  /** A try to write has failed. */
  trouble(error: StoreError): void;
  /** Everything that was tried is on disk. */
  wrote(): void;
}

export type Request =
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'renew'; readonly fence: Fence; readonly wallMs: number }
  | { readonly kind: 'release'; readonly fence: Fence }
  | { readonly kind: 'holder'; readonly subject: string }
  | { readonly kind: 'cells' }
  /** One step. */
  | ({ readonly kind: 'prune' } & PruneLimits);

export interface Answers {
  readonly claim: Granted;
  /** Whether it still is the newest grant. */
  readonly renew: boolean;
  readonly release: null;
  readonly holder: HolderLook | null;
  readonly cells: readonly Cell[];
  readonly prune: PruneStep;
}

export type Answer = Answers[Request['kind']];

export function carryOut(database: DatabaseSync, request: Request): Answer {
  switch (request.kind) {
    case 'claim':
      return claimLease(database, request.claim);
    case 'renew':
      return renewLease(database, request.fence, request.wallMs);
    case 'release':
      releaseLease(database, request.fence);
      return null;
    case 'holder':
      return lookAtHolder(database, request.subject);
    case 'cells':
      return readCells(database);
    case 'prune':
      return pruneStep(database, request);
  }
}

/** What the host and the thread of a storage say to each other. */
import type { Checkpoint, CheckpointKeeping, Restored, VerifiedCheckpoint } from '../contracts.ts';
import type { StoredCheckpoint } from './room.ts';

export interface StorageSetup extends CheckpointKeeping {
  readonly kind: 'files' | 'database';
  readonly path: string;
}

/** Each question of a storage: what it is given, and what it answers. */
export type StorageCalls = {
  readonly fence: { readonly given: string; readonly answer: number };
  readonly save: { readonly given: Checkpoint; readonly answer: undefined };
  readonly claim: { readonly given: Checkpoint; readonly answer: undefined };
  readonly restore: { readonly given: string; readonly answer: Restored };
  readonly list: { readonly given: string | undefined; readonly answer: readonly StoredCheckpoint[] };
  readonly verify: { readonly given: string; readonly answer: VerifiedCheckpoint };
  readonly close: { readonly given: undefined; readonly answer: undefined };
};

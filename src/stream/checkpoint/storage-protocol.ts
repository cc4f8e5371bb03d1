/** What the host and the thread of a storage say to each other. */
import type { Checkpoint, Restored, VerifiedCheckpoint } from '../contracts.ts';
import type { CheckpointTrouble } from './checkpoint-error.ts';
import type { KeepingOptions } from './keeping.ts';
import type { StoredCheckpoint } from './room.ts';

export interface StorageSetup extends KeepingOptions {
  readonly kind: 'files' | 'database';
  readonly path: string;
}

/** Each question of a storage: what it is given, and what it answers. */
export interface StorageCalls {
  readonly fence: { readonly given: string; readonly answer: number };
  readonly save: { readonly given: Checkpoint; readonly answer: undefined };
  readonly restore: { readonly given: string; readonly answer: Restored };
  readonly list: { readonly given: string | undefined; readonly answer: readonly StoredCheckpoint[] };
  readonly verify: { readonly given: string; readonly answer: VerifiedCheckpoint };
  readonly close: { readonly given: undefined; readonly answer: undefined };
}

export type StorageCall = keyof StorageCalls;

export type ToStorage = {
  readonly [C in StorageCall]: { readonly id: number; readonly call: C; readonly given: StorageCalls[C]['given'] };
}[StorageCall];

export type FromStorage =
  | { readonly id: number; readonly answer: StorageCalls[StorageCall]['answer'] }
  | { readonly id: number; readonly refusal: { readonly trouble: CheckpointTrouble; readonly message: string } };

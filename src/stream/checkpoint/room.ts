/**
 * Where the bytes of checkpoints lie: files, or rows of a database. It knows names and bytes, and nothing of what
 * is in them. All of it is done at once, on the thread that calls: see storage-thread.ts.
 */

/** Orders the checkpoints of a job: by run, and then by epoch. Never by time, which may be stepped. */
export interface CheckpointPlace {
  readonly job: string;
  readonly fencingToken: number;
  readonly epoch: number;
}

export interface StoredCheckpoint extends CheckpointPlace {
  readonly id: string;
  /** Unix time, ms: when it was written, as far as its place tells. */
  readonly savedAtMs: number;
  readonly bytes: number;
  /** Put aside, because it did not verify. */
  readonly isQuarantined: boolean;
}

export interface CheckpointRoom {
  /** @returns a token larger than all that the job has had, durable @throws {CheckpointError} */
  fence(job: string): number;
  /**
   * On disk when it returns, whole or not at all.
   * @param parts one after the other
   * @returns its id
   * @throws {CheckpointError} 'fenced' where the token is not the newest of the job
   */
  put(place: CheckpointPlace & { readonly savedAtMs: number }, parts: readonly Uint8Array[]): string;
  has(id: string): boolean;
  /** In any order. @param job of all where it is not given */
  list(job?: string): readonly StoredCheckpoint[];
  /** Without a look at the others, of which there may be very many. */
  find(id: string): StoredCheckpoint | undefined;
  /** The same by its place; none that was put aside. */
  at(place: CheckpointPlace): StoredCheckpoint | undefined;
  /** The one that the job saved last, whatever is left of it, where that is written down apart; null where it is not. */
  lastSaved(job: string): Pick<CheckpointPlace, 'fencingToken' | 'epoch'> | null;
  /** @throws {CheckpointError} 'damaged' where it cannot be read */
  read(id: string): Uint8Array;
  /** Puts it aside, for a person to look at. @returns its id from now on */
  quarantine(id: string, reason: string): string;
  remove(ids: readonly string[]): void;
  close(): void;
}

/** The newest first. */
export function newestFirst<T extends CheckpointPlace>(places: readonly T[]): T[] {
  return [...places].sort((a, b) => b.fencingToken - a.fencingToken || b.epoch - a.epoch);
}

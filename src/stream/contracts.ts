/**
 * The contracts of streaming: Record, Position, Source, Sink, Checkpoint, CheckpointStorage; Framing is in framing/.
 *
 *   Source ─▶ Framing ─▶ records ─▶ lanes of an executor ─▶ reorder buffer ─▶ Sink ─▶ acknowledgements
 *     ▲                                                                                  │
 *     └──── a start reads from the position ◀── Checkpoint ◀── contiguous acknowledged prefix
 *
 * A position counts records, and bytes or whatever else the source counts, never chunks or batches: how
 * data is cut into those changes while it is tuned. Times are milliseconds (float) unless the name says
 * otherwise; everything here is plain, immutable data or an interface.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Framing } from './framing/framing.ts';
import type { SourceIdentity } from './source/source-identity.ts';

// ---------------------------------------------------------------- Records and positions

/** What is processed, one by one. */
export interface StreamRecord {
  /** The partition it was read from: '0' where the source has only one. */
  readonly partition: string;
  /** Records of its partition before it. */
  readonly offset: number;
  /** Without what the framing put around it. Must not be changed by who is handed it. */
  readonly bytes: Uint8Array;
}

/** How far a partition was read, or committed: everything before it is done with. */
export interface PartitionPosition {
  readonly partition: string;
  /** Offset of the first record that is not done with. */
  readonly offset: number;
  /** Where that record begins in the source: bytes from the beginning for a source of bytes, else records. */
  readonly at: number;
}

/** At most one of each partition; a partition that is not listed stands at its beginning. */
export type Position = readonly PartitionPosition[];

/**
 * What was read of a partition behind its position. A restart reads it again, calls what is open, and passes over
 * the rest, which was acknowledged, or is told as a gap: so it repeats nothing of it, whatever the order of results.
 */
export interface RecordsInFlight {
  readonly partition: string;
  /** Offset of the first record that was not read. */
  readonly readOffset: number;
  /** Records that are not done with: from an offset up to, not including, another, ascending. */
  readonly open: readonly (readonly [fromOffset: number, toOffset: number])[];
}

/** Records that will never reach the sink, by design: dropped, sampled out, skipped, or put with the dead letters. */
export interface Gap {
  readonly partition: string;
  /** Offsets from `fromOffset` up to, not including, `toOffset`. */
  readonly fromOffset: number;
  readonly toOffset: number;
  /** How many of them: all, or fewer where many small gaps are told as one. */
  readonly count: number;
  readonly reason: 'dropped' | 'sampled-out' | 'skipped' | 'dead-letter';
}

// ---------------------------------------------------------------- Source

/** What a run reads. Each partition is read in order; partitions are independent of each other. */
export interface Source {
  readonly name: string;
  /** Called once a run. @throws {SandtuneError} ERR_SANDTUNE_SOURCE */
  open(options: OpenSourceOptions): Promise<OpenSource>;
}

export interface OpenSourceOptions {
  /** Fires when the run ends for any reason but the end of the source. */
  readonly signal: AbortSignal;
  /** Of the checkpoint the run restarts from, if there is one; compared by who opens the source. */
  readonly expected?: readonly SourceOfPartition[];
}

export interface SourceOfPartition {
  readonly partition: string;
  /** null: it cannot be recognised, so a restart can only trust it. */
  readonly identity: SourceIdentity | null;
}

export interface OpenSource {
  readonly partitions: readonly SourcePartition[];
  /** Called exactly once, also when the run fails. */
  close(): Promise<void>;
}

export interface SourcePartition extends SourceOfPartition {
  /** `bytes`: `read()` gives pieces of any size, which the framing cuts into records. `records`: each is one. */
  readonly gives: 'bytes' | 'records';
  /** False where it can be read only from where it stands now: a socket, a generator. Such a one cannot be restarted. */
  readonly canSeek: boolean;
  /** What it is recognised by at a position, for a checkpoint. Never rejects. @defaultValue `identity` */
  identityAt?(position: PartitionPosition): Promise<SourceIdentity>;
  /**
   * From a position on. `return()` of the iterator is called when it is left early. Pieces may not be changed
   * afterwards by the source.
   */
  read(from: PartitionPosition): AsyncIterable<Uint8Array | readonly Uint8Array[]>;
}

// ---------------------------------------------------------------- Sink

export interface OutputRecord extends StreamRecord {
  /** Number of records it stands for: above 1 only where records were sampled. */
  readonly weight: number;
}

/** Tells that the sink has taken a record, or with an error that it never will. Once a record; more are ignored. */
export type Ack = (record: OutputRecord, error?: unknown) => void;

/** Where the output ends. JSON in a checkpoint. */
export type SinkPosition =
  | {
      readonly kind: 'file';
      readonly durableBytes: number;
      readonly identity: SourceIdentity;
      /** Who writes it, as text for a later run. */
      readonly writer?: string;
      /** The name in its folder under which it stands until it is put in its place, which it is before it is written to. */
      readonly draft?: string;
    }
  | { readonly kind: 'rows'; readonly rows: number }
  | { readonly kind: 'none' };

export interface Sink {
  readonly name: string;
  /**
   * What a restart can do with what an earlier run wrote behind its last checkpoint. `truncate`: cut it
   * off. `transaction`: it was never committed. `none`: nothing, so it stays there twice.
   */
  readonly undoes: 'truncate' | 'transaction' | 'none';
  /** Called once a run. @throws {SandtuneError} ERR_SANDTUNE_SINK */
  open(options: OpenSinkOptions): Promise<OpenSink>;
}

export interface OpenSinkOptions {
  /** Of the checkpoint the run restarts from: the output is cut back to it where the sink `undoes` that. */
  readonly from: SinkPosition | undefined;
  /**
   * What the newest checkpoint of the job says, also where this run begins anew; 'none' where it cannot be read.
   * undefined: no earlier run has written anything.
   */
  readonly earlier?: SinkPosition | undefined;
  /**
   * Of a run with checkpoints. The token grows with each start of the job: a sink whose output has a place for it can
   * refuse what comes with a smaller one, from an older run that was stopped and goes on.
   */
  readonly run?: { readonly job: string; readonly fencingToken: number } | undefined;
  /** Of the processor: how records lie in a sink of bytes that was given none of its own. */
  readonly framing: Framing | undefined;
  /** Fires when the run ends for any reason but the end of the source. */
  readonly signal: AbortSignal;
}

export interface OpenSink {
  /**
   * True where nobody looks at the bytes of a record after it was acknowledged: they may then be given as they lie
   * in memory that is used again. @defaultValue false
   */
  readonly borrows?: boolean;
  /**
   * True where nothing may be written before a checkpoint that has its position is durable: with that, no older run can
   * become the one that writes. @defaultValue false: only a first start waits for one
   */
  readonly claims?: boolean;
  /**
   * Resolves when it may be given more. Each record is acknowledged through `ack`, in any order, before or
   * after that. Called again only after it has resolved.
   */
  write(records: readonly OutputRecord[], ack: Ack): Promise<void>;
  /** Resolves when all that was acknowledged is durable. Called between two `write()`. */
  flush(): Promise<SinkPosition>;
  /** Files that it writes to, or replaces: a run reads none of them. */
  readonly files?: readonly Pick<SourceIdentity, 'device' | 'inode'>[];
  /** With `undoes: 'transaction'`: where it writes to. */
  readonly databasePath?: string;
  /**
   * With `undoes: 'transaction'`: commits all that was written since the last commit, and the checkpoint, in one
   * transaction. @throws what saving the checkpoint throws, with nothing committed
   */
  commit?(saving: SavedWithOutput): Promise<SinkPosition>;
  /** Called exactly once. @param error undefined: everything was written and acknowledged */
  close(error?: unknown): Promise<void>;
}

/** A checkpoint that becomes durable in the transaction of the output. */
export interface SavedWithOutput {
  readonly checkpoint: Omit<Checkpoint, 'output'>;
  /** How it is to be kept: for a sink whose connection is on another thread, to which functions cannot go. */
  readonly keeping: CheckpointKeeping;
  /** Saves it through a connection of this thread, in the transaction that is open. @throws as `saveIn` of the storage */
  saveIn(database: DatabaseSync, output: SinkPosition): void;
}

// ---------------------------------------------------------------- Checkpoints

/** All that a start needs to go on. Each member is a section with a checksum of its own. */
export interface Checkpoint {
  readonly formatVersion: number;
  /** Names the run and its later runs: one job has one sequence of checkpoints. */
  readonly job: string;
  /** Counts the checkpoints of the job, from 1. */
  readonly epoch: number;
  /** That of the run that wrote it: grows with each start of the job. */
  readonly fencingToken: number;
  /** Unix time, ms; for people. Order comes from `epoch`. */
  readonly savedAtMs: number;
  /** The contiguous acknowledged prefix, and what it was read from. */
  readonly input: { readonly position: Position; readonly sources: readonly SourceOfPartition[] };
  readonly output: SinkPosition;
  readonly gaps: readonly Gap[];
  /** Of each partition: what lies behind the position and is done with, by what is not. */
  readonly inFlight: readonly RecordsInFlight[];
  /** One a lane whose guest keeps state; empty where none does. */
  readonly guestStates: readonly GuestState[];
  /** Of the flow controller, so that a restart does not begin at the defaults. JSON. */
  readonly controller: unknown;
  /** Names the options the run had; of other options a restart says so. */
  readonly configVersion: string;
  /** The user's name for what the functions do; null where they have none. */
  readonly version: string | null;
  /** SHA-256, hex, of the guest's bytes; null without a guest. */
  readonly moduleHash: string | null;
  /** The user's. JSON. */
  readonly metadata: unknown;
}

/** State of one guest instance between two calls. */
export interface GuestState {
  /** Which of the instances of the job: '0' where there is one. */
  readonly instance: string;
  /** By export name. Pages that are all zero need not be stored. */
  readonly memories: readonly { readonly name: string; readonly pages: number; readonly bytes: Uint8Array }[];
  /** Mutable globals, by export name; numbers and i64 as decimal text, floats as their bits in hex. */
  readonly globals: readonly { readonly name: string; readonly type: string; readonly value: string }[];
  /** What the guest's own `snapshot` gave; null where memories and globals are the state. */
  readonly snapshot: Uint8Array | null;
}

/** How many checkpoints are kept, and how. */
export interface CheckpointKeeping {
  /** Those that stay, of those that verify: integer ≥ 1. */
  readonly keep: number;
  /** Those that build on one another, after one that stands alone: integer ≥ 0. */
  readonly longestChain: number;
  /** Of the memories of all guests of a checkpoint that is read. */
  readonly mostStateBytes: number;
}

/** Where checkpoints are kept. Several jobs may share one. */
export interface CheckpointStorage {
  readonly name: string;
  /**
   * The start of a run: every older run of the job is fenced off from now on.
   * @returns the token of this run, larger than all before
   * @throws {SandtuneError} ERR_SANDTUNE_CHECKPOINT
   */
  fence(job: string): Promise<number>;
  /**
   * Resolves when it is durable, also against a loss of power.
   * @throws {SandtuneError} ERR_SANDTUNE_FENCED where a later run of the job has begun; ERR_SANDTUNE_CHECKPOINT
   */
  save(checkpoint: Checkpoint): Promise<void>;
  /**
   * As `save`, of one whose guests' memories are, to the byte, those that `restore()` gave last of its job: they need
   * be neither looked at nor written again. A run that goes on waits for it. @defaultValue `save`
   */
  claim?(checkpoint: Checkpoint): Promise<void>;
  /** The newest that verifies. Those that do not are put aside and listed in `quarantined`. */
  restore(job: string): Promise<Restored>;
  /** All there are, newest first, verified or not; reads, changes nothing. @param job of all jobs where it is not given */
  list(job?: string): Promise<readonly ListedCheckpoint[]>;
  /** Whether each section and the whole are what was written; reads, changes nothing. */
  verify(id: string): Promise<VerifiedCheckpoint>;
  /** Where output and checkpoint can be committed together: the database, and the insertion without a commit. */
  readonly transaction?: {
    readonly databasePath: string;
    readonly keeping: CheckpointKeeping;
    /** @throws {SandtuneError} ERR_SANDTUNE_FENCED, ERR_SANDTUNE_CHECKPOINT; the caller then rolls back */
    saveIn(database: DatabaseSync, checkpoint: Checkpoint): void;
  };
  close(): Promise<void>;
}

export interface Restored {
  /** undefined: the job has none at all. Where it had some and none verifies, `restore()` throws instead. */
  readonly checkpoint: Checkpoint | undefined;
  readonly quarantined: readonly { readonly id: string; readonly reason: string }[];
}

export interface ListedCheckpoint {
  readonly id: string;
  readonly job: string;
  readonly epoch: number;
  readonly savedAtMs: number;
  readonly bytes: number;
}

export interface VerifiedCheckpoint {
  readonly id: string;
  readonly isWhole: boolean;
  /** Why it is not. */
  readonly reason: string | undefined;
  /** Where a restart goes on. Absent where it is not whole, or the storage does not say. */
  readonly position?: Position;
}

/** What keeps the state of the guests of a run. */
export interface GuestStateKeeper {
  /** SHA-256, hex, of the bytes of the guests that keep it: another module may mean another thing by the same state. */
  readonly moduleHash: string | null;
  /** Between two calls of each guest; no call is on a stack meanwhile. */
  snapshot(): Promise<readonly GuestState[]>;
  /** Before the first call. @throws {SandtuneError} ERR_SANDTUNE_CHECKPOINT where the state does not fit the module */
  restore(states: readonly GuestState[]): Promise<void>;
}

/**
 * Where a user keeps checkpoints: `databaseCheckpoints()`, the default, or `fileCheckpoints()`. Both do their work
 * on a thread of their own, so that neither a slow disk nor hashing holds up the host's.
 *
 *   save(checkpoint) ─▶ thread: hash pages ─▶ those that changed ─▶ on disk ─▶ older ones verified, the oldest go
 *
 * A thread that ends is started again with the next call; what it had not answered has failed.
 */
import { join } from 'node:path';
import { checkInteger, checkKeys, checkText, reading } from '../../foundation/options.ts';
import type { DatabaseSync } from '../../store/sqlite.ts';
import { AskedThread } from '../asked-thread.ts';
import type { Checkpoint, CheckpointKeeping, CheckpointStorage } from '../contracts.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { transactionRoom } from './database-room.ts';
import { Keeping } from './keeping.ts';
import type { StoredCheckpoint } from './room.ts';
import type { StorageCalls, StorageSetup } from './storage-protocol.ts';

export interface CheckpointsOptions {
  /** Checkpoints of a job that stay, of those that were read back and verified: integer from 1 to 1,000. @defaultValue 3 */
  readonly keep?: number;
  /**
   * Checkpoints in a row that hold only what has changed in the memories of guests, before one that holds all of
   * it: integer from 0 to 1,000. @defaultValue 16
   */
  readonly longestChain?: number;
  /** Most bytes of the memories of all guests of one checkpoint that is restored. @defaultValue 4 GiB */
  readonly mostStateBytes?: number;
}

/** A storage that tells more of each checkpoint than which it is. */
export interface KeptCheckpoints extends CheckpointStorage {
  list(job?: string): Promise<readonly StoredCheckpoint[]>;
}

export const checkpointsDefaults: Required<CheckpointsOptions> = Object.freeze({
  keep: 3,
  longestChain: 16,
  mostStateBytes: 4 * 2 ** 30,
});

/**
 * Checkpoints as files of a folder, which is made with the first run of a job.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function fileCheckpoints(folder: string, options: CheckpointsOptions = {}): KeptCheckpoints {
  checkText('folder', folder);
  return new ThreadedStorage({ kind: 'files', path: folder, ...resolved(options) });
}

/**
 * Checkpoints in a SQLite file, which is made with the first run of a job (`node:sqlite`, WAL, synchronous=FULL).
 * With the file that a `databaseSink()` writes to, output and checkpoint are committed in one transaction.
 * @param file @defaultValue '$SANDTUNE_DIR/checkpoints.sqlite', else '.sandtune/checkpoints.sqlite'
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function databaseCheckpoints(file = defaultFile(), options: CheckpointsOptions = {}): KeptCheckpoints {
  checkText('file', file);
  const keeping = resolved(options);
  const storage = new ThreadedStorage({ kind: 'database', path: file, ...keeping });
  return Object.assign(storage, { transaction: { databasePath: file, keeping, saveIn: saveIn(keeping) } });
}

function defaultFile(): string {
  return join(process.env['SANDTUNE_DIR'] ?? '.sandtune', 'checkpoints.sqlite');
}

function resolved(options: CheckpointsOptions): CheckpointKeeping {
  return reading('checkpoints', 'options of checkpoints', options, () => {
    checkKeys('checkpoints', options, ['keep', 'longestChain', 'mostStateBytes']);
    const { keep, longestChain, mostStateBytes } = { ...checkpointsDefaults, ...options };
    return {
      keep: checkInteger('checkpoints.keep', keep, { min: 1, max: 1000 }),
      longestChain: checkInteger('checkpoints.longestChain', longestChain, { min: 0, max: 1000 }),
      mostStateBytes: checkInteger('checkpoints.mostStateBytes', mostStateBytes, { min: 0 }),
    };
  });
}

/** Saves in a transaction of somebody else, on the thread it is on. */
function saveIn(options: CheckpointKeeping) {
  const known = new WeakMap<DatabaseSync, Keeping>();
  return (database: DatabaseSync, checkpoint: Checkpoint): void => {
    const keeping = known.get(database) ?? new Keeping(transactionRoom(database), options);
    known.set(database, keeping);
    keeping.save(checkpoint);
  };
}

class ThreadedStorage implements KeptCheckpoints {
  readonly name: string;
  readonly #thread: AskedThread<StorageCalls>;

  constructor(setup: StorageSetup) {
    this.name = `${setup.kind === 'files' ? 'folder' : 'database'} ${setup.path}`;
    this.#thread = new AskedThread({
      file: 'src/stream/checkpoint/storage-thread',
      name: 'sandtune-checkpoints',
      workerData: setup,
      refused: ({ trouble, message }) => new CheckpointError(trouble, message),
      failed: (trouble, reason, cause) => new CheckpointError(trouble, `checkpoints in ${this.name}: ${reason}`, cause),
    });
  }

  fence(job: string): Promise<number> {
    return this.#thread.ask('fence', job);
  }

  save(checkpoint: Checkpoint): Promise<void> {
    return this.#thread.ask('save', checkpoint);
  }

  claim(checkpoint: Checkpoint): Promise<void> {
    return this.#thread.ask('claim', checkpoint);
  }

  restore(job: string) {
    return this.#thread.ask('restore', job);
  }

  list(job?: string) {
    return this.#thread.ask('list', job);
  }

  verify(id: string) {
    return this.#thread.ask('verify', id);
  }

  close(): Promise<void> {
    return this.#thread.close('close', undefined);
  }
}

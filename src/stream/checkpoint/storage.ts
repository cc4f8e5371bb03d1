/**
 * Where a user keeps checkpoints: `databaseCheckpoints()`, the default, or `fileCheckpoints()`. Both do their work
 * on a thread of their own, so that neither a slow disk nor hashing holds up the host's.
 *
 *   save(checkpoint) ─▶ thread: hash pages ─▶ those that changed ─▶ on disk ─▶ older ones verified, the oldest go
 *
 * A thread that ends is started again with the next call; what it had not answered has failed.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../foundation/errors.ts';
import { checkInteger, checkKeys, checkText, reading } from '../../foundation/options.ts';
import { threadFile } from '../../foundation/thread-file.ts';
import type { DatabaseSync } from '../../store/sqlite.ts';
import type { Checkpoint, CheckpointStorage } from '../contracts.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { transactionRoom } from './database-room.ts';
import { Keeping, type KeepingOptions } from './keeping.ts';
import type { StoredCheckpoint } from './room.ts';
import type { FromStorage, StorageCall, StorageCalls, StorageSetup } from './storage-protocol.ts';

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
  return Object.assign(storage, { transaction: { databasePath: file, saveIn: saveIn(keeping) } });
}

function defaultFile(): string {
  return join(process.env['SANDTUNE_DIR'] ?? '.sandtune', 'checkpoints.sqlite');
}

function resolved(options: CheckpointsOptions): KeepingOptions {
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
function saveIn(options: KeepingOptions) {
  const known = new WeakMap<DatabaseSync, Keeping>();
  return (database: DatabaseSync, checkpoint: Checkpoint): void => {
    const keeping = known.get(database) ?? new Keeping(transactionRoom(database), options);
    known.set(database, keeping);
    keeping.save(checkpoint);
  };
}

type Asked = PromiseWithResolvers<never>;

class ThreadedStorage implements KeptCheckpoints {
  readonly name: string;
  readonly #setup: StorageSetup;
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | null = null;
  #next = 1;
  #closed: Promise<void> | null = null;

  constructor(setup: StorageSetup) {
    this.name = `${setup.kind === 'files' ? 'folder' : 'database'} ${setup.path}`;
    this.#setup = setup;
  }

  fence(job: string): Promise<number> {
    return this.#ask('fence', job);
  }

  save(checkpoint: Checkpoint): Promise<void> {
    return this.#ask('save', checkpoint);
  }

  restore(job: string) {
    return this.#ask('restore', job);
  }

  list(job?: string) {
    return this.#ask('list', job);
  }

  verify(id: string) {
    return this.#ask('verify', id);
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const answered = this.#post(worker, 'close', undefined);
    await Promise.all([answered, gone]);
  }

  #ask<C extends StorageCall>(call: C, given: StorageCalls[C]['given']): Promise<StorageCalls[C]['answer']> {
    if (this.#closed) return Promise.reject(this.#failed('closed', 'expected it to be open, it was closed'));
    try {
      this.#worker ??= this.#start();
      return this.#post(this.#worker, call, given);
    } catch (error) {
      // A thread that cannot be had, or a value that cannot be sent to one.
      const trouble = this.#worker ? 'unfit' : 'failed';
      return Promise.reject(this.#failed(trouble, messageOf(error), error));
    }
  }

  #post<C extends StorageCall>(
    worker: Worker,
    call: C,
    given: StorageCalls[C]['given'],
  ): Promise<StorageCalls[C]['answer']> {
    const id = this.#next++;
    worker.postMessage({ id, call, given });
    const asked = Promise.withResolvers<never>();
    this.#asked.set(id, asked);
    // The process stays alive for what was asked, and for nothing else.
    worker.ref();
    return asked.promise;
  }

  #start(): Worker {
    const worker = new Worker(threadFile('src/stream/checkpoint/storage-thread'), {
      workerData: this.#setup,
      name: 'sandtune-checkpoints',
      // What is preloaded into the host has no business here.
      execArgv: [],
    });
    worker.on('message', (message: FromStorage) => this.#hear(worker, message));
    worker.on('error', (error) => this.#lose(worker, error));
    worker.on('exit', () => this.#lose(worker, new Error('it ended')));
    return worker;
  }

  #hear(worker: Worker, message: FromStorage): void {
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (this.#asked.size === 0 && !this.#closed) worker.unref();
    if ('answer' in message) asked?.resolve(message.answer as never);
    else asked?.reject(new CheckpointError(message.refusal.trouble, message.refusal.message));
  }

  #lose(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const { reject } of this.#asked.values())
      reject(this.#failed('failed', `its thread has ended: ${messageOf(error)}`, error));
    this.#asked.clear();
  }

  #failed(trouble: 'closed' | 'failed' | 'unfit', reason: string, cause?: unknown): CheckpointError {
    return new CheckpointError(trouble, `checkpoints in ${this.name}: ${reason}`, cause);
  }
}

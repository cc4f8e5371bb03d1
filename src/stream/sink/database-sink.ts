/**
 * A table of a `node:sqlite` database as a sink: a row a result. Rows are in a transaction that is
 * committed with each checkpoint; where the checkpoints are kept in the same database, with the checkpoint
 * in it, so that both are there or neither is.
 *
 *   write ─▶ copied into buffers ─▶ thread: inserted ─▶ acknowledged       two writes are on their way at a time
 *   commit ─▶ thread: the checkpoint beside the rows, COMMIT
 *
 * Each run enters itself (`sandtune_writers`) when it opens the table, and each commit asks who was last: of a run that
 * was stopped and goes on after a later one has opened the table no row is committed (table-claim.ts). One that was stopped within a
 * transaction has the database locked as long as its process lives: SQLite gives that to nobody else.
 */

import { SandtuneError } from '../../foundation/errors.ts';
import { checkBoolean, checkKeys, checkPath, expected } from '../../foundation/options.ts';
import { AskedThread } from '../asked-thread.ts';
import { CheckpointError, type CheckpointTrouble } from '../checkpoint/checkpoint-error.ts';
import type {
  Ack,
  OpenSink,
  OpenSinkOptions,
  OutputRecord,
  SavedWithOutput,
  Sink,
  SinkPosition,
} from '../contracts.ts';
import type { DatabaseSinkCalls, DatabaseSinkSetup } from './database-protocol.ts';
import { newWriter, writerEnded } from './file-writer.ts';
import { packRows, type RowBuffers } from './packed-rows.ts';

export interface DatabaseSinkOptions {
  /** A letter or _, then letters, digits and _: 1 to 64. @defaultValue 'records' */
  readonly table?: string;
  /** A first start may replace what the table has. @defaultValue false: it refuses one that is not empty */
  readonly overwrite?: boolean;
}

/** Of buffers that are kept. */
const mostSpareBytes = 8 * 2 ** 20;

/**
 * Columns: partition, record_offset, part (0 for the first result of a record), weight, bytes. The table is written by
 * a thread of its own.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function databaseSink(path: string, options: DatabaseSinkOptions = {}): Sink {
  checkPath('databaseSink()', path);
  checkKeys('databaseSink()', options, ['table', 'overwrite']);
  const table = options.table ?? 'records';
  if (!/^[A-Za-z_]\w{0,63}$/.test(table)) throw expected('table', 'a letter or _, then letters, digits and _', table);
  const overwrite = checkBoolean('overwrite', options.overwrite ?? false);
  return Object.freeze({
    name: `${path}#${table}`,
    undoes: 'transaction',
    open: async ({ from, run: given }: OpenSinkOptions) => {
      const run = given ? { ...given, writer: newWriter() } : null;
      const fromRows = from?.kind === 'rows' ? from.rows : null;
      const sink = new OpenDatabaseSink({ path, table, overwrite, fromRows, run });
      await sink.opened();
      return sink;
    },
  });
}

class OpenDatabaseSink implements OpenSink {
  readonly borrows = true;
  readonly claims = true;
  readonly databasePath: string;
  readonly #thread: AskedThread<DatabaseSinkCalls>;
  readonly #spare: RowBuffers[] = [];
  readonly #writer: string | undefined;
  #writing = Promise.resolve();

  constructor(setup: DatabaseSinkSetup) {
    this.databasePath = setup.path;
    this.#writer = setup.run?.writer;
    this.#thread = new AskedThread({
      file: 'src/stream/sink/database-thread',
      name: 'sandtune-sink',
      workerData: setup,
      refused: ({ trouble, message }) => this.#error(trouble, message),
      failed: (trouble, reason, cause) => this.#error(trouble, `${setup.path}: ${reason}`, cause),
    });
  }

  async opened(): Promise<void> {
    try {
      await this.#thread.ask('open', undefined);
    } catch (error) {
      await this.close(error);
      throw error;
    }
  }

  async write(records: readonly OutputRecord[], ack: Ack): Promise<void> {
    const rows = packRows(records, this.#spare.pop());
    const writing = this.#thread.ask('write', rows, [rows.bytes, rows.numbers]).then(
      (buffers) => {
        if (buffers.bytes.byteLength <= mostSpareBytes) this.#spare.push(buffers);
        for (const record of records) ack(record);
      },
      (error: unknown) => {
        for (const record of records) ack(record, error);
      },
    );
    // The thread has one to begin with while it is given the next.
    const before = this.#writing;
    this.#writing = writing;
    await before;
  }

  flush(): Promise<SinkPosition> {
    return this.#thread.ask('flush', undefined);
  }

  commit({ checkpoint, keeping }: SavedWithOutput): Promise<SinkPosition> {
    return this.#thread.ask('commit', { checkpoint, keeping });
  }

  /** What was not committed is undone where there is an error. */
  async close(error?: unknown): Promise<void> {
    try {
      await this.#thread.close('close', error !== undefined);
    } finally {
      if (this.#writer !== undefined) writerEnded(this.#writer);
    }
  }

  /** Of a checkpoint where it is one of these that alone can say so: that the run was fenced off, or what cannot be saved. */
  #error(trouble: CheckpointTrouble, message: string, cause?: unknown): SandtuneError {
    if (trouble === 'fenced' || trouble === 'unfit') return new CheckpointError(trouble, message, cause);
    return new SandtuneError('ERR_SANDTUNE_SINK', message, { cause });
  }
}

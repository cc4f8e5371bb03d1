/**
 * A table of a `node:sqlite` database as a sink: a row a result. Rows are in a transaction that is
 * committed with each checkpoint; where the checkpoints are kept in the same database, with the checkpoint
 * in it, so that both are there or neither is.
 *
 * The database is written on this thread. Its time is that of the inserts, and of one commit a checkpoint.
 */
import type { StatementSync } from 'node:sqlite';
import { messageOf, SandtuneError } from '../../foundation/errors.ts';
import { checkKeys, checkPath, expected } from '../../foundation/options.ts';
import { DatabaseSync } from '../../store/sqlite.ts';
import type { Ack, OpenSink, OutputRecord, Sink, SinkPosition } from '../contracts.ts';

export interface DatabaseSinkOptions {
  /** A letter or _, then letters, digits and _: 1 to 64. @defaultValue 'records' */
  readonly table?: string;
}

/**
 * Columns: partition, record_offset, part (0 for the first result of a record), weight, bytes.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function databaseSink(path: string, options: DatabaseSinkOptions = {}): Sink {
  checkPath('databaseSink()', path);
  checkKeys('databaseSink()', options, ['table']);
  const table = options.table ?? 'records';
  if (!/^[A-Za-z_]\w{0,63}$/.test(table)) throw expected('table', 'a letter or _, then letters, digits and _', table);
  return Object.freeze({
    name: `${path}#${table}`,
    undoes: 'transaction',
    open: async () => new OpenDatabaseSink(path, table),
  });
}

class OpenDatabaseSink implements OpenSink {
  readonly borrows = true;
  readonly databasePath: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  #isOpen = false;
  #rows: number;

  constructor(path: string, table: string) {
    this.databasePath = path;
    try {
      this.#database = new DatabaseSync(path, { timeout: 5000 });
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      this.#database.exec(
        `CREATE TABLE IF NOT EXISTS ${table} (partition TEXT NOT NULL, record_offset INTEGER NOT NULL, part INTEGER NOT NULL, weight INTEGER NOT NULL, bytes BLOB NOT NULL)`,
      );
      this.#insert = this.#database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)`);
      this.#rows = Number(this.#database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'] ?? 0);
    } catch (cause) {
      throw this.#error('a database that can be written', cause);
    }
  }

  async write(records: readonly OutputRecord[], ack: Ack): Promise<void> {
    try {
      if (!this.#isOpen) this.#database.exec('BEGIN IMMEDIATE');
      this.#isOpen = true;
      let part = 0;
      let before: OutputRecord | undefined;
      for (const record of records) {
        part = before?.offset === record.offset && before.partition === record.partition ? part + 1 : 0;
        before = record;
        this.#insert.run(record.partition, record.offset, part, record.weight, record.bytes);
      }
      this.#rows += records.length;
    } catch (cause) {
      throw this.#error('to be written', cause);
    }
    for (const record of records) ack(record);
  }

  async flush(): Promise<SinkPosition> {
    return this.#commit();
  }

  async commit(save: (database: DatabaseSync, output: SinkPosition) => void): Promise<SinkPosition> {
    if (!this.#isOpen) this.#database.exec('BEGIN IMMEDIATE');
    this.#isOpen = true;
    // What `save` throws, as that this run was fenced off, rolls back when the sink is closed.
    save(this.#database, { kind: 'rows', rows: this.#rows });
    return this.#commit();
  }

  /** What was not committed is undone. */
  async close(error?: unknown): Promise<void> {
    try {
      if (this.#isOpen && error !== undefined) this.#database.exec('ROLLBACK');
      else if (this.#isOpen) this.#commit();
    } finally {
      this.#database.close();
    }
  }

  #commit(): SinkPosition {
    try {
      if (this.#isOpen) this.#database.exec('COMMIT');
      this.#isOpen = false;
    } catch (cause) {
      throw this.#error('to be committed', cause);
    }
    return { kind: 'rows', rows: this.#rows };
  }

  #error(what: string, cause: unknown): SandtuneError {
    const message = `${this.databasePath}: expected ${what}, got: ${messageOf(cause)}`;
    return new SandtuneError('ERR_SANDTUNE_SINK', message, { cause });
  }
}

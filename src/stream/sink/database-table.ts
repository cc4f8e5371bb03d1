/** A table that rows are added to, in a transaction that is committed with each checkpoint. Done at once, on the thread that calls. */
import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from '../../store/sqlite.ts';
import { StandingFile } from '../../store/standing-file.ts';
import { transactionRoom } from '../checkpoint/database-room.ts';
import { Keeping } from '../checkpoint/keeping.ts';
import type { CheckpointKeeping, SavedWithOutput, SinkPosition } from '../contracts.ts';
import { beginsAnew } from '../source/file-identity.ts';
import type { DatabaseSinkSetup } from './database-protocol.ts';
import { eachRow, type PackedRows } from './packed-rows.ts';
import { TableClaim } from './table-claim.ts';

/** Longest wait for another process that writes to the file. */
const maxWaitMs = 5000;

export class DatabaseTable {
  readonly #database: DatabaseSync;
  readonly #table: string;
  readonly #insert: StatementSync;
  #keeping: Keeping | undefined;
  readonly #claim: TableClaim | null = null;
  readonly #standing: StandingFile;
  #isOpen = false;
  /** Something was not done: of what was, nobody knows whether it is still there. */
  #isBroken = false;
  #rows: number;
  /** What it has is another's, and goes with the first transaction. */
  #isOthers = false;

  /** @throws what SQLite throws; {Error} where the table is not as it was, or has what a first start may not replace */
  constructor({ path, table, overwrite, fromRows, run }: DatabaseSinkSetup) {
    this.#table = table;
    this.#database = new DatabaseSync(path, { timeout: maxWaitMs });
    try {
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      this.#database.exec(
        `CREATE TABLE IF NOT EXISTS ${table} (partition TEXT NOT NULL, record_offset INTEGER NOT NULL, part INTEGER NOT NULL, weight INTEGER NOT NULL, bytes BLOB NOT NULL)`,
      );
      this.#standing = new StandingFile(path);
      this.#insert = this.#database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?)`);
      // Before rows are counted: none may come from an older run after that.
      this.#claim = run && new TableClaim(this.#database, table, run);
      this.#rows = Number(this.#database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'] ?? 0);
      this.#check(fromRows, overwrite);
    } catch (error) {
      this.#claim?.end();
      this.#database.close();
      throw error;
    }
  }

  #check(fromRows: number | null, overwrite: boolean): void {
    if (fromRows !== null && this.#rows < fromRows)
      throw new Error(
        `expected at least the ${fromRows} rows that were written before, got ${this.#rows}; ${beginsAnew}`,
      );
    if (fromRows !== null || this.#rows === 0) return;
    if (!overwrite)
      throw new Error(`expected a new or an empty table, or overwrite: true, got one of ${this.#rows} rows`);
    this.#isOthers = true;
    this.#rows = 0;
  }

  write(rows: PackedRows): void {
    this.#whole(() => this.#insertAll(rows));
  }

  #insertAll(rows: PackedRows): void {
    this.#begin();
    let part = 0;
    let [partitionBefore, offsetBefore] = ['', -1];
    eachRow(rows, (partition, offset, weight, bytes) => {
      part = offset === offsetBefore && partition === partitionBefore ? part + 1 : 0;
      [partitionBefore, offsetBefore] = [partition, offset];
      this.#insert.run(partition, offset, part, weight, bytes);
    });
    this.#rows += rows.count;
  }

  commit(): SinkPosition {
    return this.#whole(() => this.#commit());
  }

  #commit(): SinkPosition {
    if (this.#isOthers) this.#begin();
    if (this.#isOpen) {
      this.#claim?.check();
      this.#database.exec('COMMIT');
      this.#standing.check();
    }
    this.#isOpen = false;
    return this.#position;
  }

  /** @throws what saving it throws, as that this run was fenced off; all of it is undone when the table is closed */
  commitWith(checkpoint: SavedWithOutput['checkpoint'], keeping: CheckpointKeeping): SinkPosition {
    return this.#whole(() => this.#commitWith(checkpoint, keeping));
  }

  #commitWith(checkpoint: SavedWithOutput['checkpoint'], keeping: CheckpointKeeping): SinkPosition {
    this.#begin();
    this.#keeping ??= new Keeping(transactionRoom(this.#database), keeping);
    this.#keeping.save({ ...checkpoint, output: this.#position });
    return this.#commit();
  }

  close(undoes: boolean): void {
    try {
      const isUndone = undoes || this.#isBroken;
      if (isUndone && this.#database.isTransaction) this.#database.exec('ROLLBACK');
      else if (!isUndone) this.commit();
      this.#claim?.end();
    } finally {
      this.#database.close();
    }
  }

  get #position(): SinkPosition {
    return { kind: 'rows', rows: this.#rows };
  }

  /**
   * Does all of it, or it is the last that is done. SQLite rolls back by itself where a disk is full or fails, and what
   * came after would stand in the table without what came before, each row for good.
   * @see "Response To Errors Within A Transaction", https://sqlite.org/lang_transaction.html
   */
  #whole<T>(work: () => T): T {
    if (this.#isBroken) throw new Error('expected a table whose rows were all written, one before was not');
    try {
      if (this.#isOpen && !this.#database.isTransaction)
        throw new Error('expected the transaction that was begun, it was rolled back');
      return work();
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }

  #begin(): void {
    if (this.#isOpen) return;
    this.#database.exec('BEGIN IMMEDIATE');
    this.#isOpen = true;
    if (this.#isOthers) this.#database.exec(`DELETE FROM ${this.#table}`);
    this.#isOthers = false;
  }
}

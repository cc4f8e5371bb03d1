/**
 * One SQLite file that several processes append to and read from.
 *
 *   append ──▶ waiting ──▶ writer's thread ──▶ file ──▶ readers of every process
 *                 └──────▶ readers of this process, at once
 *
 * `append` puts rows in order and returns; `durable` resolves when all that was appended so far is on
 * disk. The thread writes in order, so what is on disk is always a beginning of what was appended: a
 * killed process loses an end of it that nobody was told is durable. One store a file and process:
 * a second opener shares it. A store in memory is written at once, on the calling thread.
 */
import type { DatabaseSync } from 'node:sqlite';
import { systemTimers } from '../foundation/clock.ts';
import { type ChainFault, chainFaults } from './chain.ts';
import { DirectWriter } from './direct-writer.ts';
import { Leases } from './leases.ts';
import { inMemory, type StoreFile } from './open-file.ts';
import { thisProcess } from './process-identity.ts';
import type { PruneLimits } from './prune.ts';
import { Reader } from './reader.ts';
import type { Batch, Cell, Fence, NewRow, Row, RowSelection, WaitingRow } from './row.ts';
import { asOfNow } from './schema.ts';
import { StoreError, withStoreErrors } from './store-error.ts';
import { ThreadWriter } from './thread-writer.ts';
import { Troubles } from './troubles.ts';
import type { Writer } from './writer.ts';

/** Text that may wait for a file which cannot be written; bulk rows beyond it are not taken. */
const mostWaitingChars = 32 * 2 ** 20;
/** Longest that a process is held up at its end for what is not on disk yet. */
const flushMs = 5000;

/** Between two steps of dropping old rows, so that other processes come to write meanwhile. */
const pruneEveryMs = 20;
/** Between two looks whether pruning may go on. */
const pruneWaitMs = 500;

export interface PruneOptions {
  /** Ends it after the step that is being done. */
  readonly signal?: AbortSignal;
  /** While it returns false, nothing is dropped. @defaultValue always true */
  readonly mayGoOn?: () => boolean;
}

export interface AppendOptions {
  /** Put in the same transaction. */
  readonly cells?: readonly Cell[];
  /** The grant under which the cells are put: none are when it is not the newest any more. */
  readonly fence?: Fence;
}

export class Store {
  readonly path: string;
  readonly leases: Leases;
  readonly #database: DatabaseSync;
  readonly #reader: Reader;
  /** What is on disk, without what waits. Throws {StoreError} 'damaged' as `cell` does. */
  readonly onDisk: Pick<Reader, 'cells' | 'subjects' | 'writerOf'>;
  readonly #writer: Writer | null;
  readonly #troubles = new Troubles();
  /** Bulk rows of each run that this process appends to. */
  readonly #bulkCounts = new Map<number, number>();
  #number = 0;
  #closed: Promise<void> | null = null;

  constructor(file: StoreFile) {
    const { path, version, place, database, readOnly } = file;
    const writer = JSON.stringify({ ...thisProcess(), id: crypto.randomUUID() });
    this.path = path;
    this.leases = new Leases(file, () => this.#writable());
    this.#database = database;
    this.#reader = new Reader(path, database, writer, (error) => {
      if (!readOnly) this.#troubles.began(error);
    });
    this.onDisk = this.#reader;
    const listener = {
      outdated: (fences: readonly Fence[]) => this.leases.lost(fences),
      trouble: (error: StoreError) => this.#troubles.began(error),
      wrote: () => this.#troubles.healed(),
    };
    this.#writer = readOnly
      ? null
      : path === inMemory
        ? new DirectWriter(path, database, writer, listener)
        : new ThreadWriter({ path, version, place, writer }, listener);
  }

  /**
   * Readers of this process see the rows at once. Returns how many bulk rows, the last of them, were
   * not taken, because too much waits for a file that cannot be written: 0 while all is well.
   * @throws {StoreError} 'closed' or 'read-only'
   * @throws {TypeError} for a row that the file would refuse, for ever and with all that follows it
   */
  append(rows: readonly NewRow[], { cells = [], fence }: AppendOptions = {}): number {
    const writer = this.#writable();
    for (const row of rows) checkRow(row);
    const taken = writer.waitingChars > mostWaitingChars ? rows.filter((row) => !row.bulk) : rows;
    if (taken.length > 0 || cells.length > 0) {
      const waiting = taken.map((row) => this.#inLine(row));
      writer.append({ number: ++this.#number, rows: waiting, cells, fence: fence ?? null });
    }
    return rows.length - taken.length;
  }

  /**
   * Resolves when all that was appended so far is on disk. Keeps the process alive until then.
   * @throws {StoreError} when it could not be written: it stays in line and is tried again
   */
  durable(): Promise<void> {
    return this.#writer === null ? Promise.resolve() : this.#writer.written(this.#number);
  }

  /** Nothing waits to be put on disk. */
  get isWritten(): boolean {
    return this.#waitingBatches().length === 0;
  }

  /** In order: what is on disk, then what this process appended and is not. */
  *read(selection: RowSelection = {}): Generator<Row> {
    const view = this.#reader.view();
    const waiting = this.#waiting(view.appended);
    yield* this.#reader.rows(view, selection);
    const { run, kinds, bulk = true } = selection;
    for (const row of waiting)
      if ((run ?? row.run) === row.run && (bulk || !row.bulk) && (kinds?.includes(row.kind) ?? true)) yield row;
  }

  /** The newest runs of a subject, newest first. */
  runs(subject: string, most: number): readonly number[] {
    const waiting = this.#waitingBatches().flatMap(({ rows }) => rows.filter((row) => row.subject === subject));
    const begun = [...new Set(waiting.map((row) => row.run))].filter((run) => !this.#reader.hasRun(run));
    return [...begun.reverse(), ...this.#reader.runs(subject, most)].slice(0, most);
  }

  /** Runs, or this run, whose first `count` bulk rows were dropped to keep the file small. */
  pruned(run?: number): readonly { readonly run: number; readonly count: number }[] {
    return this.#reader.pruned(run);
  }

  /** @throws {StoreError} 'damaged' when the cells are not what was put */
  cell(subject: string, key: string): string | null {
    return this.#waitingCell(subject, key) ?? valueIn(this.#reader.cells(), subject, key);
  }

  /** The same for several keys of several subjects, read by the writer's thread: the caller's waits for nothing. @throws {StoreError} */
  async cellsLater(): Promise<(subject: string, key: string) => string | null> {
    const cells = await this.#writable().ask({ kind: 'cells' });
    return (subject, key) => this.#waitingCell(subject, key) ?? valueIn(cells, subject, key);
  }

  /** Drops old rows in steps of some milliseconds, between which batches are written. @returns how many went @throws {StoreError} */
  async prune(limits: PruneLimits, { signal, mayGoOn = () => true }: PruneOptions = {}): Promise<number> {
    let all = 0;
    while (!this.#closed && !signal?.aborted) {
      const waiting = { dropped: 0, then: 'wait' } as const;
      const { dropped, then } = mayGoOn() ? await this.#writable().ask({ kind: 'prune', ...limits }) : waiting;
      all += dropped;
      if (then === 'done') break;
      await systemTimers.sleep(then === 'wait' ? pruneWaitMs : pruneEveryMs);
    }
    return all;
  }

  /** What the chains of `run`, or of all runs, show to be wrong with what is on disk. Reads all of it. */
  faults(run?: number): readonly ChainFault[] {
    return withStoreErrors(this.path, () => asOfNow(this.#database, () => [...chainFaults(this.#database, run)]));
  }

  /**
   * Runs `work`, whose reads all see the file as it is now, whatever is written or pruned meanwhile. Until it
   * returns, the log of the file only grows. @throws {StoreError}; whatever `work` throws
   */
  asOfNow<T>(work: () => T): T {
    if (!this.#database.isOpen) throw this.#closedError();
    return asOfNow(this.#database, work);
  }

  /** What keeps it from being written now; null while all is well. */
  get trouble(): StoreError | null {
    return this.#troubles.now;
  }

  /**
   * `listener` hears when writing begins to fail, or the file is found damaged: of the first of several
   * troubles that may heal, and once more of one that does not. Returns the way to stop that.
   */
  onTrouble(listener: (error: StoreError) => void): () => void {
    return this.#troubles.onTrouble(listener);
  }

  /** `listener` hears when what could not be written was. Returns the way to stop that. */
  onHealed(listener: () => void): () => void {
    return this.#troubles.onHealed(listener);
  }

  /** Holds the thread up until what was appended is on disk, or cannot be, or `mostMs` are over. */
  flush(mostMs = flushMs): void {
    this.#writer?.flush(mostMs);
  }

  /** After what was appended was written, as far as it can be. A second call waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // A listener of trouble may want to append, which a closed store does not take.
    this.#troubles.end();
    // The writer's connection is the last to close, and so the one that waits for the disk.
    if (this.#writer instanceof ThreadWriter) this.#database.close();
    await this.#writer?.close();
    if (this.#database.isOpen) this.#database.close();
  }

  #closedError(): StoreError {
    return new StoreError(this.path, 'closed', 'expected an open store, got one that was closed');
  }

  #writable(): Writer {
    if (this.#closed) throw this.#closedError();
    if (this.#writer === null) throw new StoreError(this.path, 'read-only', 'it was opened for reading');
    return this.#writer;
  }

  #waitingCell(subject: string, key: string): string | null {
    const cells = this.#waitingBatches().flatMap((batch) => batch.cells);
    return cells.findLast((cell) => cell.subject === subject && cell.key === key)?.value ?? null;
  }

  #waitingBatches(): readonly Batch[] {
    return this.#writer?.waiting ?? [];
  }

  #waiting(appended: number): readonly Row[] {
    return this.#waitingBatches().flatMap(({ number, rows }) => (number > appended ? rows : []));
  }

  #inLine({ subject, run, kind, atMs, text, bulk }: NewRow): WaitingRow {
    const bulkBefore = this.#bulkCounts.get(run) ?? this.#bulkCountOf(run);
    this.#bulkCounts.set(run, bulkBefore + (bulk ? 1 : 0));
    return { subject, run, kind, atMs, text, bulk, bulkBefore };
  }

  /** Only readers of this process see it, and only until the row is on disk: a file that cannot be read stops nobody. */
  #bulkCountOf(run: number): number {
    try {
      return this.#reader.bulkCount(run);
    } catch {
      return 0;
    }
  }
}

function valueIn(cells: readonly Cell[], subject: string, key: string): string | null {
  return cells.find((cell) => cell.subject === subject && cell.key === key)?.value ?? null;
}

function checkRow({ run, atMs }: NewRow): void {
  if (!Number.isSafeInteger(run) || !Number.isFinite(atMs))
    throw new TypeError(`expected a run that is a safe integer and a finite time, got ${run} and ${atMs}`);
}

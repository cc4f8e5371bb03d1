/**
 * One SQLite file that several processes append to and read from.
 *
 *   append ──▶ waiting ──▶ writer's thread ──▶ file ──▶ readers of every process
 *                 └──────▶ readers of this process, at once
 *
 * `append` puts rows in order and returns; `durable` resolves when all that was appended so far is on
 * disk. The thread writes in order, so what is on disk is always a beginning of what was appended: a
 * killed process loses an end of it that nobody was told is durable. One store a file and process:
 * whoever opens it again shares it. A store in memory is written at once, on the thread of whoever asks.
 */
import type { DatabaseSync } from 'node:sqlite';
import { type ChainFault, chainFaults } from './chain.ts';
import { DirectWriter } from './direct-writer.ts';
import { type Claim, claimLease, type Granted, type Sighting } from './lease.ts';
import { inMemory, openForHost } from './open-file.ts';
import { Reader } from './reader.ts';
import type { Batch, Cell, Fence, NewRow, Row, RowSelection, WaitingRow } from './row.ts';
import type { PruneLimits } from './row-writer.ts';
import { StoreError, withStoreErrors } from './store-error.ts';
import { ThreadWriter } from './thread-writer.ts';
import type { Writer } from './writer.ts';

/** Text that may wait for a file which cannot be written; bulk rows beyond it are not taken. */
const mostWaitingChars = 32 * 2 ** 20;
/** Longest that a process is held up at its end for what is not on disk yet. */
const flushMs = 5000;

export interface AppendOptions {
  /** Put in the same transaction. */
  readonly cells?: readonly Cell[];
  /** The grant under which the cells are put: none are when it is not the newest any more. */
  readonly fence?: Fence;
}

export class Store {
  readonly path: string;
  readonly #version: number;
  readonly #database: DatabaseSync;
  readonly #reader: Reader;
  readonly #writer: Writer | null;
  readonly #troubleListeners = new Set<(error: StoreError) => void>();
  /** Grants that turned out not to be the newest. */
  readonly #lost = new Set<string>();
  readonly #sightings = new Map<string, Sighting>();
  /** Bulk rows of each run that this process appends to. */
  readonly #bulkCounts = new Map<number, number>();
  #number = 0;
  #closed = false;

  /** @param readOnly by which nothing can be appended */
  constructor(path: string, version: number, database: DatabaseSync, readOnly: boolean) {
    const name = crypto.randomUUID();
    this.path = path;
    this.#version = version;
    this.#database = database;
    this.#reader = new Reader(path, database, name);
    const listener = {
      outdated: (fences: readonly Fence[]) => {
        for (const fence of fences) this.#lost.add(keyOf(fence));
      },
      trouble: (error: StoreError) => {
        // Whoever hears of it may want to append, which a closed store does not take.
        if (this.#closed) return;
        for (const listener of this.#troubleListeners) listener(error);
      },
    };
    this.#writer = readOnly
      ? null
      : path === inMemory
        ? new DirectWriter(path, database, name, listener)
        : new ThreadWriter(path, version, name, listener);
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
    const taken = this.#isOverfull(writer) ? rows.filter((row) => !row.bulk) : rows;
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

  cell(subject: string, key: string): string | null {
    const put = this.#waitingBatches()
      .flatMap(({ cells }) => cells)
      .findLast((cell) => cell.subject === subject && cell.key === key);
    return put ? put.value : this.#reader.cell(subject, key);
  }

  /**
   * Asks to act for `subject`. Waits a tenth of a second at most, for another process that writes.
   * @throws {StoreError} 'locked' when that takes longer
   */
  claim(claim: Omit<Claim, 'seen'>): Granted {
    this.#writable();
    const { subject } = claim;
    const granted = this.#withHostFile((database) =>
      claimLease(database, { ...claim, seen: this.#sightings.get(subject) ?? null }),
    );
    if (granted.granted) this.#sightings.delete(subject);
    else this.#sightings.set(subject, granted.sighting);
    return granted;
  }

  /** Whether the grant is still the newest, as far as this process knows. O(1). */
  holds(fence: Fence): boolean {
    return !this.#lost.has(keyOf(fence));
  }

  /** Says that the holder lives. Resolves with whether it still is the holder. @throws {StoreError} */
  async renew(fence: Fence, wallMs: number): Promise<boolean> {
    const renewed = (await this.#writable().ask({ kind: 'renew', fence, wallMs })) === 1;
    if (!renewed) this.#lost.add(keyOf(fence));
    return renewed && this.holds(fence);
  }

  /** Leaves the lease to whoever asks next. @throws {StoreError} */
  async release(fence: Fence): Promise<void> {
    await this.#writable().ask({ kind: 'release', fence });
  }

  /** Drops old bulk rows in steps of some milliseconds, between which batches are written. @returns how many went @throws {StoreError} */
  async prune(limits: PruneLimits): Promise<number> {
    let dropped = 0;
    for (let step = -1; step !== 0 && !this.#closed; dropped += step)
      step = await this.#writable().ask({ kind: 'prune', ...limits });
    return dropped;
  }

  /** What the chains of `run`, or of all runs, show to be wrong with what is on disk. Reads all of it. */
  faults(run?: number): readonly ChainFault[] {
    return withStoreErrors(this.path, () => [...chainFaults(this.#database, run)]);
  }

  /** `tell` hears once of each trouble that the writer meets. Returns the way to stop that. */
  onTrouble(listener: (error: StoreError) => void): () => void {
    this.#troubleListeners.add(listener);
    return () => this.#troubleListeners.delete(listener);
  }

  /** Holds the thread up until what was appended is on disk, or cannot be, or `mostMs` are over. */
  flush(mostMs = flushMs): void {
    this.#writer?.flush(mostMs);
  }

  /** After what was appended was written, as far as it can be. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The writer's connection is the last to close, and so the one that waits for the disk.
    if (this.#writer instanceof ThreadWriter) this.#database.close();
    await this.#writer?.close();
    if (this.#database.isOpen) this.#database.close();
  }

  #writable(): Writer {
    if (this.#closed) throw new StoreError(this.path, 'closed', 'expected an open store, got one that was closed');
    if (this.#writer === null) throw new StoreError(this.path, 'read-only', 'it was opened for reading');
    return this.#writer;
  }

  /** A lease is claimed by a connection of its own: the one for reading must not write. */
  #withHostFile<T>(work: (database: DatabaseSync) => T): T {
    return withStoreErrors(this.path, () => {
      if (this.path === inMemory) return work(this.#database);
      using database = openForHost(this.path, this.#version);
      return work(database);
    });
  }

  #waitingBatches(): readonly Batch[] {
    return this.#writer?.waiting ?? [];
  }

  #waiting(appended: number): readonly Row[] {
    return this.#waitingBatches().flatMap(({ number, rows }) => (number > appended ? rows : []));
  }

  #inLine({ subject, run, kind, atMs, text, bulk }: NewRow): WaitingRow {
    const bulkBefore = this.#bulkCounts.get(run) ?? this.#reader.bulkCount(run);
    this.#bulkCounts.set(run, bulkBefore + (bulk ? 1 : 0));
    return { subject, run, kind, atMs, text, bulk, bulkBefore };
  }

  #isOverfull({ waiting }: Writer): boolean {
    if (waiting.length < 100) return false;
    const chars = waiting.reduce((sum, { rows }) => sum + rows.reduce((all, row) => all + row.text.length, 0), 0);
    return chars > mostWaitingChars;
  }
}

function keyOf({ subject, number }: Fence): string {
  return `${number} ${subject}`;
}

function checkRow({ run, atMs }: NewRow): void {
  if (!Number.isSafeInteger(run) || !Number.isFinite(atMs))
    throw new TypeError(`expected a run that is a safe integer and a finite time, got ${run} and ${atMs}`);
}

/**
 * Reads what is on disk. A read takes its view in one statement: the last row of the file, and how many
 * batches of this process's writer are among those up to it. What is read later never goes beyond it,
 * so a read can be left and taken up again, and holds no lock in between.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { readCells } from './cells.ts';
import { inflated } from './chain.ts';
import { identityIn, isGone, isInSight, processText } from './process-identity.ts';
import type { Cell, Row, RowSelection } from './row.ts';
import { type StoreError, storeError } from './store-error.ts';

/** Who writes a run. */
export interface RunWriter {
  /** 'process 123 on build-7'; null where that cannot be read. */
  readonly process: string | null;
  /** Whether it may append to the run still: it has not left the file, and its process lives. null where that cannot be seen from here. */
  readonly lives: boolean | null;
}

export interface StoreView {
  readonly lastSeq: number;
  /** Number of the writer's last batch in the view. */
  readonly appended: number;
}

/** Rows fetched at a time: bulk rows take some kilobytes each, the others some hundred bytes. */
const fetchedRows = { outline: 1000, bulk: 128 } as const;

export class Reader {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #writer: string;
  readonly #onDamage: (error: StoreError) => void;

  constructor(path: string, database: DatabaseSync, writer: string, onDamage: (error: StoreError) => void) {
    this.path = path;
    this.#database = database;
    this.#writer = writer;
    this.#onDamage = onDamage;
  }

  view(): StoreView {
    const row = this.#all(
      `SELECT (SELECT next_seq FROM counters) AS next_seq,
        (SELECT CAST(appended AS REAL) FROM writers WHERE writer = ?) AS appended`,
      [this.#writer],
    )[0];
    return { lastSeq: Number(row?.['next_seq'] ?? 1) - 1, appended: Number(row?.['appended'] ?? 0) };
  }

  /** In the order of the file. A bulk row that cannot be read is left out: the chain tells of it. */
  *rows({ lastSeq }: StoreView, { run, kinds, bulk = true }: RowSelection): Generator<Row> {
    const fetched = bulk ? fetchedRows.bulk : fetchedRows.outline;
    const where =
      // The rows that are left of a run which is being dropped mean nothing without those that went.
      'seq > ? AND seq <= ? AND run NOT IN (SELECT run FROM runs WHERE rows < 0)' +
      (run === undefined ? '' : ' AND run = ?') +
      (kinds === undefined ? '' : ` AND kind IN (${kinds.map(() => '?').join(', ')})`);
    // As REAL: a number that was altered may be too large to be read as an integer, which would deny the others.
    const columns = 'seq, CAST(run AS REAL) AS run, kind, at_ms';
    const outline = `SELECT ${columns}, CAST(bulk_before AS REAL) AS before, text, NULL AS deflated FROM rows WHERE ${where}`;
    const large = `SELECT ${columns}, CAST(place AS REAL) - 1, NULL, deflated FROM bulk WHERE ${where}`;
    const query = `${bulk ? `${outline} UNION ALL ${large}` : outline} ORDER BY seq LIMIT ${fetched}`;
    const values = [...(run === undefined ? [] : [run]), ...(kinds ?? [])];
    for (let seq = 0; ; ) {
      const once: readonly SQLInputValue[] = [seq, lastSeq, ...values];
      const page = this.#all(query, bulk ? [...once, ...once] : once);
      for (const row of page) {
        const read = rowOf(row);
        if (read) yield read;
      }
      const last = Number(page.at(-1)?.['seq']);
      if (page.length < fetched || !(last > seq)) return;
      seq = last;
    }
  }

  /** The newest runs of a subject, newest first. */
  runs(subject: string, most: number): readonly number[] {
    const query =
      'SELECT CAST(run AS REAL) AS run FROM runs WHERE subject = ? AND rows >= 0 ORDER BY opened DESC LIMIT ?';
    return this.#all(query, [subject, most]).map((row) => Number(row['run']));
  }

  /** Subjects that have runs, that of the newest run first. */
  subjects(): readonly string[] {
    const query = 'SELECT subject FROM runs WHERE rows >= 0 GROUP BY subject ORDER BY MAX(opened) DESC';
    return this.#all(query, []).map((row) => String(row['subject']));
  }

  hasRun(run: number): boolean {
    return this.#all('SELECT 1 FROM runs WHERE run = ?', [run]).length > 0;
  }

  /** Who began a run; null for a run that is not there. */
  writerOf(run: number): RunWriter | null {
    const query =
      'SELECT writer, (SELECT 1 FROM writers WHERE writers.writer = runs.writer) AS is_open FROM runs WHERE run = ?';
    const [row] = this.#all(query, [run]);
    if (!row) return null;
    const identity = identityIn(row['writer']);
    const process = identity && processText(identity);
    if (row['is_open'] === null) return { process, lives: false };
    return { process, lives: identity && isInSight(identity) ? !isGone(identity) : null };
  }

  /** Bulk rows that a run had, dropped ones included. */
  bulkCount(run: number): number {
    const [row] = this.#all('SELECT CAST(bulks AS REAL) AS bulks FROM runs WHERE run = ?', [run]);
    return Number(row?.['bulks'] ?? 0);
  }

  /** Runs, or this run, whose first `count` bulk rows were dropped. */
  pruned(run?: number): readonly { readonly run: number; readonly count: number }[] {
    const query =
      'SELECT CAST(run AS REAL) AS run, CAST(pruned AS REAL) AS pruned FROM runs WHERE pruned > 0 AND rows >= 0 AND (? IS NULL OR run = ?) ORDER BY opened';
    // Twice and not as ?1, which the first Node 24 cannot bind.
    const only = run ?? null;
    return this.#all(query, [only, only]).map((row) => ({ run: Number(row['run']), count: Number(row['pruned']) }));
  }

  cells(): readonly Cell[] {
    return this.#read(() => readCells(this.#database));
  }

  #all(query: string, values: readonly SQLInputValue[]): Record<string, unknown>[] {
    return this.#read(() => this.#database.prepare(query).all(...values));
  }

  #read<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      const error = storeError(this.path, thrown);
      if (error.trouble === 'damaged') this.#onDamage(error);
      throw error;
    }
  }
}

function rowOf(row: Record<string, unknown>): Row | null {
  const isBulk = row['deflated'] instanceof Uint8Array;
  const text = isBulk ? inflated(row['deflated']) : String(row['text']);
  if (text === null) return null;
  return {
    run: Number(row['run']),
    kind: String(row['kind']),
    atMs: Number(row['at_ms']),
    text,
    bulk: isBulk,
    bulkBefore: Number(row['before']),
  };
}

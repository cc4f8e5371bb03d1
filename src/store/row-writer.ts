/** Puts batches into the tables, each row chained to the one before it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deflateRawSync } from 'node:zlib';
import { putCells } from './cells.ts';
import { digestOf, firstDigest } from './chain.ts';
import { identityIn, isGone } from './process-identity.ts';
import type { Batch, Fence, NewRow } from './row.ts';
import { isGoing, nextSeq, transaction } from './schema.ts';

/** The end of a run's two chains. */
interface Head {
  readonly subject: string;
  readonly opened: number;
  rows: number;
  digest: string;
  bulks: number;
  bulkDigest: string;
  chars: number;
}

export class RowWriter {
  readonly #database: DatabaseSync;
  readonly #writer: string;
  readonly #deflate: (text: string) => Uint8Array;
  readonly #insertRow: StatementSync;
  readonly #insertBulk: StatementSync;
  readonly #headOf: StatementSync;
  readonly #putHead: StatementSync;
  readonly #fenceOf: StatementSync;

  /**
   * @param writer name under which the number of batches on disk is kept: an identity of the process, and more
   * @param deflate of the text of a bulk row, as `inflateRawSync` reads it
   */
  constructor(database: DatabaseSync, writer: string, deflate = deflated) {
    this.#database = database;
    this.#writer = writer;
    this.#deflate = deflate;
    this.#insertRow = database.prepare('INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertBulk = database.prepare('INSERT INTO bulk VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#headOf = database.prepare('SELECT * FROM runs WHERE run = ?');
    this.#putHead = database.prepare(`
      INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, 0, '${firstDigest}', ?, ?) ON CONFLICT (run) DO UPDATE
      SET rows = excluded.rows, digest = excluded.digest, bulks = excluded.bulks, bulk_digest = excluded.bulk_digest,
        chars = excluded.chars`);
    this.#fenceOf = database.prepare('SELECT fence FROM leases WHERE subject = ?');
  }

  /** Number of this writer's last batch on disk. */
  appended(): number {
    const row = this.#database.prepare('SELECT appended FROM writers WHERE writer = ?').get(this.#writer);
    return Number(row?.['appended'] ?? 0);
  }

  /** Drops what killed processes have left: writers known to be gone, and those after which a thousand others wrote. */
  forgetGone(): void {
    const names = this.#database.prepare('SELECT writer FROM writers').all();
    const forget = this.#database.prepare('DELETE FROM writers WHERE writer = ?');
    for (const name of names.map((row) => String(row['writer']))) {
      const process = identityIn(name);
      if (process && isGone(process)) forget.run(name);
    }
    // A writer that writes goes to the end.
    this.#database.exec('DELETE FROM writers WHERE rowid <= (SELECT max(rowid) FROM writers) - 1000');
  }

  /** Nobody will ask how far this writer got any more. */
  leave(): void {
    this.#database.prepare('DELETE FROM writers WHERE writer = ?').run(this.#writer);
  }

  /** All batches or none. Returns the fences that were no longer the newest: their cells were left out. */
  write(batches: readonly Batch[]): readonly Fence[] {
    const last = batches.at(-1);
    if (!last) return [];
    return transaction(this.#database, () => {
      const outdated: Fence[] = [];
      const heads = new Map<number, Head>();
      let seq = nextSeq(this.#database);
      for (const { rows, cells, fence } of batches) {
        for (const row of rows) this.#insert(seq++, row, heads);
        if (fence && !this.#isNewest(fence)) outdated.push(fence);
        else if (cells.length > 0) putCells(this.#database, cells);
      }
      for (const [run, { subject, opened, rows, digest, bulks, bulkDigest, chars }] of heads)
        this.#putHead.run(run, subject, opened, rows, digest, bulks, bulkDigest, chars, this.#writer);
      this.#database.prepare('UPDATE counters SET next_seq = ?').run(seq);
      this.#database.prepare('INSERT OR REPLACE INTO writers VALUES (?, ?)').run(this.#writer, last.number);
      return outdated;
    });
  }

  #insert(seq: number, row: NewRow, heads: Map<number, Head>): void {
    const { run, kind, atMs, text } = row;
    const head = heads.get(run) ?? this.#head(row, seq);
    heads.set(run, head);
    if (row.bulk) {
      const chained = { ...row, seq, place: ++head.bulks, bulkBefore: head.bulks - 1 };
      head.bulkDigest = digestOf(head.bulkDigest, chained);
      this.#insertBulk.run(seq, run, chained.place, kind, atMs, this.#deflate(text), head.bulkDigest);
    } else {
      const chained = { ...row, seq, place: ++head.rows, bulkBefore: head.bulks };
      head.digest = digestOf(head.digest, chained);
      head.chars += text.length;
      this.#insertRow.run(seq, run, chained.place, chained.bulkBefore, kind, atMs, text, head.digest);
    }
  }

  #head({ run, subject }: NewRow, seq: number): Head {
    const row = this.#headOf.get(run);
    if (!row || isGoing(row))
      return { subject, opened: seq, rows: 0, digest: firstDigest, bulks: 0, bulkDigest: firstDigest, chars: 0 };
    return {
      subject,
      opened: Number(row['opened']),
      rows: Number(row['rows']),
      digest: String(row['digest']),
      bulks: Number(row['bulks']),
      bulkDigest: String(row['bulk_digest']),
      chars: Number(row['chars']),
    };
  }

  #isNewest({ subject, number }: Fence): boolean {
    return Number(this.#fenceOf.get(subject)?.['fence']) === number;
  }
}

function deflated(text: string): Uint8Array {
  return deflateRawSync(text, { level: 1 });
}

/** Puts batches into the tables, each chained to the row before it, and drops old bulk rows in small steps. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deflateRawSync } from 'node:zlib';
import { digestOf, firstDigest } from './chain.ts';
import type { Batch, Fence, NewRow } from './row.ts';
import { pragma, transaction } from './schema.ts';

/** The end of a run's two chains. */
interface Head {
  readonly subject: string;
  readonly opened: number;
  rows: number;
  digest: string;
  bulks: number;
  bulkDigest: string;
}

interface BulkPlace {
  readonly seq: number;
  readonly run: number;
  readonly place: number;
  readonly digest: string;
}

export interface PruneLimits {
  /** Bulk rows from before that go. */
  readonly oldestMs: number;
  /** Bulk rows go, oldest first, until the file's pages in use take no more. */
  readonly maxBytes: number;
}

/** Rows dropped in one transaction: few enough that whoever waits to append waits for milliseconds. */
const prunedAtOnce = 200;
const pagesAtOnce = 1000;

export class RowWriter {
  readonly #database: DatabaseSync;
  readonly #writer: string;
  readonly #insertRow: StatementSync;
  readonly #insertBulk: StatementSync;
  readonly #putCell: StatementSync;
  readonly #headOf: StatementSync;
  readonly #putHead: StatementSync;
  readonly #fenceOf: StatementSync;

  /** @param writer name under which the number of batches on disk is kept */
  constructor(database: DatabaseSync, writer: string) {
    this.#database = database;
    this.#writer = writer;
    this.#insertRow = database.prepare('INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertBulk = database.prepare('INSERT INTO bulk VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#putCell = database.prepare('INSERT OR REPLACE INTO cells VALUES (?, ?, ?)');
    this.#headOf = database.prepare('SELECT * FROM runs WHERE run = ?');
    this.#putHead = database.prepare(`
      INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, 0, '${firstDigest}') ON CONFLICT (run) DO UPDATE
      SET rows = excluded.rows, digest = excluded.digest, bulks = excluded.bulks, bulk_digest = excluded.bulk_digest`);
    this.#fenceOf = database.prepare('SELECT fence FROM leases WHERE subject = ?');
  }

  /** Number of this writer's last batch on disk. */
  appended(): number {
    const row = this.#database.prepare('SELECT appended FROM writers WHERE writer = ?').get(this.#writer);
    return Number(row?.['appended'] ?? 0);
  }

  /** Nobody will ask how far this writer got any more. */
  leave(): void {
    this.#database.prepare('DELETE FROM writers WHERE writer = ?').run(this.#writer);
  }

  /** All batches or none. Returns the fences that were no longer the newest: their cells were left out. */
  write(batches: readonly Batch[]): readonly Fence[] {
    return transaction(this.#database, () => {
      const outdated: Fence[] = [];
      const heads = new Map<number, Head>();
      const firstSeq = Number(this.#database.prepare('SELECT next_seq FROM counters').get()?.['next_seq']);
      let seq = firstSeq;
      for (const { rows, cells, fence } of batches) {
        for (const row of rows) this.#insert(seq++, row, heads);
        if (fence && !this.#isNewest(fence)) outdated.push(fence);
        else for (const { subject, key, value } of cells) this.#putCell.run(subject, key, value);
      }
      for (const [run, { subject, opened, rows, digest, bulks, bulkDigest }] of heads)
        this.#putHead.run(run, subject, opened, rows, digest, bulks, bulkDigest);
      this.#database.prepare('UPDATE counters SET next_seq = ?').run(seq);
      this.#database
        .prepare('INSERT OR REPLACE INTO writers VALUES (?, ?)')
        .run(this.#writer, batches.at(-1)?.number ?? 0);
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
      const deflated = deflateRawSync(text, { level: 1 });
      this.#insertBulk.run(seq, run, chained.place, kind, atMs, deflated, head.bulkDigest);
    } else {
      const chained = { ...row, seq, place: ++head.rows, bulkBefore: head.bulks };
      head.digest = digestOf(head.digest, chained);
      this.#insertRow.run(seq, run, chained.place, chained.bulkBefore, kind, atMs, text, head.digest);
    }
  }

  #head({ run, subject }: NewRow, seq: number): Head {
    const row = this.#headOf.get(run);
    if (!row) return { subject, opened: seq, rows: 0, digest: firstDigest, bulks: 0, bulkDigest: firstDigest };
    return {
      subject,
      opened: Number(row['opened']),
      rows: Number(row['rows']),
      digest: String(row['digest']),
      bulks: Number(row['bulks']),
      bulkDigest: String(row['bulk_digest']),
    };
  }

  #isNewest({ subject, number }: Fence): boolean {
    return Number(this.#fenceOf.get(subject)?.['fence']) === number;
  }

  /** One step of dropping what is beyond the limits. Returns how many rows went: 0 when nothing is left to drop. */
  prune(limits: PruneLimits): number {
    const dropped = transaction(this.#database, () => {
      const going = this.#oldestBeyond(limits);
      const last = going.at(-1);
      if (last === undefined) return 0;
      this.#database.prepare('DELETE FROM bulk WHERE seq <= ?').run(last.seq);
      const lastOfRun = new Map(going.map((row) => [row.run, row]));
      for (const [run, { place, digest }] of lastOfRun)
        this.#database.prepare('UPDATE runs SET pruned = ?, pruned_digest = ? WHERE run = ?').run(place, digest, run);
      return going.length;
    });
    // Gives the pages back to the file system, those of this step and some more.
    if (dropped > 0) this.#database.exec(`PRAGMA incremental_vacuum(${pagesAtOnce})`);
    return dropped;
  }

  #oldestBeyond({ oldestMs, maxBytes }: PruneLimits): readonly BulkPlace[] {
    let excessBytes = this.#bytesInUse() - maxBytes;
    const oldest = this.#database
      .prepare('SELECT seq, run, place, at_ms, length(deflated) AS bytes, digest FROM bulk ORDER BY seq LIMIT ?')
      .all(prunedAtOnce);
    const going: BulkPlace[] = [];
    for (const row of oldest) {
      if (excessBytes <= 0 && Number(row['at_ms']) >= oldestMs) break;
      excessBytes -= Number(row['bytes']);
      going.push({
        seq: Number(row['seq']),
        run: Number(row['run']),
        place: Number(row['place']),
        digest: String(row['digest']),
      });
    }
    return going;
  }

  #bytesInUse(): number {
    const pages = pragma(this.#database, 'page_count') - pragma(this.#database, 'freelist_count');
    return pages * pragma(this.#database, 'page_size');
  }
}

/**
 * The chain of a run: the digest of each row covers the row and the digest before it, and `runs`
 * holds the number of rows and the last digest. So a value that was altered, rows that were taken out
 * and a tail that was cut off all show, and each names its place; the rows around it stay readable.
 * It shows damage and honest mistakes: somebody who rewrites the whole chain is not found out.
 */
import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inflateRawSync } from 'node:zlib';
import { isGoing } from './schema.ts';

export interface ChainedRow {
  readonly seq: number;
  readonly run: number;
  /** In its chain, from 1. */
  readonly place: number;
  readonly bulkBefore: number;
  readonly kind: string;
  readonly atMs: number;
  readonly text: string;
}

export type ChainFault =
  /** The row does not have the content it was written with. */
  | { readonly kind: 'altered'; readonly run: number; readonly seq: number }
  /** `count` rows that came before this one are gone. */
  | { readonly kind: 'missing'; readonly run: number; readonly seq: number; readonly count: number }
  /** The last `count` rows are gone. */
  | { readonly kind: 'cut'; readonly run: number; readonly count: number }
  /** Rows of a run that the store knows nothing of. */
  | { readonly kind: 'orphan'; readonly run: number; readonly seq: number };

/** Of the row before the first. */
export const firstDigest = '';

/** 128 bits, as 32 hexadecimal digits. */
export function digestOf(previous: string, { seq, run, place, bulkBefore, kind, atMs, text }: ChainedRow): string {
  return hash('sha256', `${previous}\n${seq} ${run} ${place} ${bulkBefore} ${atMs} ${kind}\n${text}`).slice(0, 32);
}

/**
 * What is wrong with the chains of `run`; of all runs when left out. Reads every row.
 * @throws whatever SQLite throws for a page that it cannot read
 */
export function* chainFaults(database: DatabaseSync, run?: number): Generator<ChainFault> {
  const runs =
    run === undefined
      ? asked(database, 'SELECT * FROM runs ORDER BY opened').all()
      : asked(database, 'SELECT * FROM runs WHERE run = ?').all(run);
  for (const head of runs) {
    if (isGoing(head)) continue;
    const id = Number(head['run']);
    yield* linkFaults(rowsOf(database, id), id, 0, firstDigest, Number(head['rows']));
    const pruned = Number(head['pruned']);
    yield* linkFaults(bulkOf(database, id), id, pruned, String(head['pruned_digest']), Number(head['bulks']));
  }
  yield* orphans(database, run);
}

function* linkFaults(
  rows: Iterable<ChainedRow & { readonly digest: string }>,
  run: number,
  placeBefore: number,
  digestBefore: string,
  placesInAll: number,
): Generator<ChainFault> {
  let place = placeBefore;
  let digest = digestBefore;
  for (const row of rows) {
    const { seq } = row;
    const count = row.place - place - 1;
    if (count > 0) yield { kind: 'missing', run, seq, count };
    // The digest of a row that is gone is not known: what follows it is checked from here on.
    else if (digestOf(digest, row) !== row.digest) yield { kind: 'altered', run, seq };
    place = row.place;
    digest = row.digest;
  }
  if (placesInAll > place) yield { kind: 'cut', run, count: placesInAll - place };
}

function* rowsOf(database: DatabaseSync, run: number): Generator<ChainedRow & { readonly digest: string }> {
  for (const row of asked(database, 'SELECT * FROM rows WHERE run = ? ORDER BY seq').iterate(run))
    yield {
      ...chained(row, String(row['text'])),
      bulkBefore: Number(row['bulk_before']),
      digest: String(row['digest']),
    };
}

function* bulkOf(database: DatabaseSync, run: number): Generator<ChainedRow & { readonly digest: string }> {
  for (const row of asked(database, 'SELECT * FROM bulk WHERE run = ? ORDER BY seq').iterate(run)) {
    const text = inflated(row['deflated']) ?? 'a body that cannot be inflated';
    yield { ...chained(row, text), bulkBefore: Number(row['place']) - 1, digest: String(row['digest']) };
  }
}

function chained(row: Record<string, unknown>, text: string) {
  const [seq, run, place, atMs] = [row['seq'], row['run'], row['place'], row['at_ms']].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { seq, run, place, atMs, kind: String(row['kind']), text };
}

function* orphans(database: DatabaseSync, run?: number): Generator<ChainFault> {
  for (const table of ['rows', 'bulk'])
    for (const row of asked(
      database,
      `SELECT run, min(seq) AS seq FROM ${table} WHERE run NOT IN (SELECT run FROM runs) GROUP BY run`,
    ).iterate())
      if (run === undefined || run === Number(row['run']))
        yield { kind: 'orphan', run: Number(row['run']), seq: Number(row['seq']) };
}

/** Integers come as bigints: one that was altered may be too large for a number, and must not end the reading. */
function asked(database: DatabaseSync, query: string): StatementSync {
  const statement = database.prepare(query);
  statement.setReadBigInts(true);
  return statement;
}

/** A body that was altered may say that it is as long as it likes. */
const mostBodyBytes = 64 * 2 ** 20;

/** null for what is no deflated text. */
export function inflated(body: unknown): string | null {
  try {
    return inflateRawSync(body as Uint8Array, { maxOutputLength: mostBodyBytes }).toString();
  } catch {
    return null;
  }
}

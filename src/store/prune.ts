/**
 * Keeps the file small, in steps of some milliseconds. A step that drops rows writes to the log, which a reader
 * of an older state keeps from being begun anew: pruning waits for that reader once the log is long, or the
 * disk would hold the file twice.
 *
 *   bulk rows  go when they are too old, and the oldest of them until the file fits
 *   runs       stay, until the text of their outlines takes half of what the file may: then the oldest go as
 *              a whole, but none that had a row lately
 *
 * A run that goes loses its first row first, without which a reader takes the others for nothing.
 */
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { logOf, writeBack } from './open-file.ts';
import { pragma, transaction } from './schema.ts';

export interface PruneLimits {
  /** Bulk rows from before that go. */
  readonly oldestMs: number;
  /** Bulk rows go, oldest first, until the file's pages in use take no more. */
  readonly maxBytes: number;
  /** Runs with an outline row from after that stay. */
  readonly recentMs: number;
}

export interface PruneStep {
  /** Rows that went. */
  readonly dropped: number;
  /** `wait`: a reader stands in the way. `done`: nothing is left to drop, and no page to be given back. */
  readonly then: 'step' | 'wait' | 'done';
}

interface BulkPlace {
  readonly seq: number;
  readonly run: number;
  readonly place: number;
  readonly digest: string;
}

/** Rows dropped in one transaction: few enough that a process which wants to append waits for milliseconds. */
const rowsAtOnce = 200;
/** Pages given back to the file system in one transaction. */
const pagesAtOnce = 200;
/** The log may grow to this while a reader stands in the way: some times what it takes between two checkpoints. */
const mostLogBytes = 16 * 2 ** 20;
/** Share of `maxBytes` that the text of all outlines may take. */
const outlineShare = 0.5;

export function pruneStep(database: DatabaseSync, limits: PruneLimits): PruneStep {
  if (logBytes(database) > mostLogBytes && !writeBack(database)) return { dropped: 0, then: 'wait' };
  const dropped = transaction(database, () => dropOfRun(database, limits) || dropBulk(database, limits));
  if (giveBack(database) || dropped > 0) return { dropped, then: 'step' };
  // Only what stands in the file itself makes it shorter.
  writeBack(database);
  return { dropped, then: 'done' };
}

/** Gives pages back to the file system. False when there are none, as in a store in memory, which keeps them. */
function giveBack(database: DatabaseSync): boolean {
  const free = pragma(database, 'freelist_count');
  if (free === 0) return false;
  database.exec(`PRAGMA incremental_vacuum(${pagesAtOnce})`);
  return pragma(database, 'freelist_count') < free;
}

function logBytes(database: DatabaseSync): number {
  const path = database.location();
  return (path && statSync(logOf(path), { throwIfNoEntry: false })?.size) || 0;
}

function dropOfRun(database: DatabaseSync, limits: PruneLimits): number {
  const run = runToDrop(database, limits);
  if (run === null) return 0;
  database.prepare('UPDATE runs SET rows = -1 WHERE run = ?').run(run);
  const counts = ['rows', 'bulk'].map((table) => {
    const first = `SELECT seq FROM ${table} WHERE run = ? ORDER BY seq LIMIT ${rowsAtOnce}`;
    return Number(database.prepare(`DELETE FROM ${table} WHERE seq IN (${first})`).run(run).changes);
  });
  if (counts.some((count) => count === rowsAtOnce)) return counts.reduce((sum, count) => sum + count);
  database.prepare('DELETE FROM runs WHERE run = ?').run(run);
  // The row of the run itself went in any case.
  return counts.reduce((sum, count) => sum + count, 1);
}

/** One that was begun to be dropped, or the oldest where outlines take too much; null when none has to go. */
function runToDrop(database: DatabaseSync, { maxBytes, recentMs }: PruneLimits): number | null {
  const begun = database.prepare('SELECT run FROM runs WHERE rows < 0').get();
  if (begun) return Number(begun['run']);
  const chars = Number(database.prepare('SELECT sum(chars) AS chars FROM runs').get()?.['chars'] ?? 0);
  if (chars <= outlineShare * maxBytes) return null;
  const last = database.prepare('SELECT at_ms FROM rows WHERE run = ? ORDER BY seq DESC LIMIT 1');
  for (const { run } of database.prepare('SELECT run FROM runs ORDER BY opened').all())
    if (Number(last.get(Number(run))?.['at_ms'] ?? -Infinity) < recentMs) return Number(run);
  return null;
}

function dropBulk(database: DatabaseSync, limits: PruneLimits): number {
  const going = oldestBeyond(database, limits);
  const last = going.at(-1);
  if (last === undefined) return 0;
  database.prepare('DELETE FROM bulk WHERE seq <= ?').run(last.seq);
  const lastOfRun = new Map(going.map((row) => [row.run, row]));
  for (const [run, { place, digest }] of lastOfRun)
    database.prepare('UPDATE runs SET pruned = ?, pruned_digest = ? WHERE run = ?').run(place, digest, run);
  return going.length;
}

function oldestBeyond(database: DatabaseSync, { oldestMs, maxBytes }: PruneLimits): readonly BulkPlace[] {
  let excessBytes = bytesInUse(database) - maxBytes;
  // As REAL: a number that was altered may be too large to be read as an integer.
  const numbers = 'CAST(run AS REAL) AS run, CAST(place AS REAL) AS place, length(deflated) AS bytes';
  const oldest = database
    .prepare(`SELECT seq, ${numbers}, at_ms, digest FROM bulk ORDER BY seq LIMIT ?`)
    .all(rowsAtOnce);
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

function bytesInUse(database: DatabaseSync): number {
  const pages = pragma(database, 'page_count') - pragma(database, 'freelist_count');
  return pages * pragma(database, 'page_size');
}

/**
 * The ledger: one SQLite file (WAL, synchronous=FULL) per state folder, shared by every executor
 * tuned from there. Entries are rows of JSON, numbered; an append is on disk when it returns.
 *
 *   entries   what happened, in order (see entries.ts); a window's row is deflated, to a quarter
 *   leases    who tunes an executor now: a second process observes and says so
 *   kept      settings committed with `persist`, void once the configured default has changed
 *   switches  the off switch; works without a tuner
 *
 * Retention: 30 days or 64 MiB, oldest windows first; decisions are kept.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Ledger, Settings } from '../src/contracts.ts';
import { messageOf, SandtuneError } from '../src/foundation/errors.ts';
import { type Entry, ledgerSchemaVersion } from './entries/entries.ts';
import { sameSettings } from './entries/settings.ts';

export interface OpenLedgerOptions {
  /** Folder of the file `ledger.sqlite`, made when missing; ':memory:' keeps nothing. */
  readonly stateDir: string;
  /** Whose anchor `anchor()` gives. */
  readonly executor: string;
  /** What the executor was configured with: the anchor unless a kept setting is still valid. */
  readonly configured?: Settings;
}

export interface TunerLedger extends Ledger<Entry>, Disposable {
  /** All of them or none. Returns the number of the last. */
  appendAll(entries: readonly Entry[]): number;
  /** Everything of one session but its windows: quick, whatever the ledger's size. */
  outline(session: number): Iterable<Entry>;
  /** The newest session of this ledger's executor; null when there is none. */
  lastSession(): number | null;
  /** Entries of these kinds ('record:trial', 'event:done' …) of this executor's newest sessions, oldest first. */
  history(kinds: readonly string[], sessions: number): Iterable<Entry>;
  /** `true` when this process may tune; else who does. Renewed by calling again. */
  lease(owner: string, nowMs: number): true | { readonly owner: string };
  release(owner: string): void;
  /** Keeps a committed setting for the next start. */
  keep(settings: Settings): void;
  isOff(): boolean;
  setOff(off: boolean): void;
  /** Drops the oldest windows beyond the limits; returns how many. */
  prune(nowMs: number): number;
  readonly path: string;
}

export const retention = Object.freeze({ days: 30, bytes: 64 * 2 ** 20 });
/** Rows looked at and dropped at a time: the oldest, so that nothing is scanned in vain. */
const pruneRows = 1000;
/** A lease not renewed for this long is anybody's. */
export const leaseMs = 15_000;

const schema = `
  CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, session INTEGER NOT NULL, kind TEXT NOT NULL, at_ms REAL NOT NULL, body NOT NULL);
  CREATE INDEX IF NOT EXISTS entries_by_kind ON entries (kind, seq);
  CREATE INDEX IF NOT EXISTS entries_by_session ON entries (session, kind, seq);
  CREATE TABLE IF NOT EXISTS leases (executor TEXT PRIMARY KEY, owner TEXT NOT NULL, renewed_ms REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS kept (executor TEXT PRIMARY KEY, configured TEXT NOT NULL, settings TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS switches (executor TEXT PRIMARY KEY, off INTEGER NOT NULL);
  PRAGMA user_version = ${ledgerSchemaVersion};
`;

/** @throws {SandtuneError} ERR_SANDTUNE_LEDGER when the file cannot be opened or is of another version */
export function openLedger(options: OpenLedgerOptions): TunerLedger {
  const { database, path } = openDatabase(options.stateDir);
  return new SqliteLedger(database, path, options);
}

class SqliteLedger implements TunerLedger {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #executor: string;
  readonly #configured: Settings;
  readonly #insert: StatementSync;
  readonly #off: StatementSync;
  #closed = false;

  constructor(database: DatabaseSync, path: string, { executor, configured = {} }: OpenLedgerOptions) {
    this.path = path;
    this.#database = database;
    this.#executor = executor;
    this.#configured = configured;
    this.#insert = database.prepare('INSERT INTO entries (session, kind, at_ms, body) VALUES (?, ?, ?, ?)');
    this.#off = database.prepare('SELECT off FROM switches WHERE executor IN (?, ?)');
  }

  append(entry: Entry): number {
    return this.appendAll([entry]);
  }

  appendAll(entries: readonly Entry[]): number {
    return this.#transaction(() => {
      let last = 0;
      for (const entry of entries) {
        const row = this.#insert.run(entry.session, kindOf(entry), timeOf(entry), packed(JSON.stringify(entry)));
        last = Number(row.lastInsertRowid);
      }
      return last;
    });
  }

  *read(from = 1): Iterable<Entry> {
    const rows = this.#database.prepare('SELECT body FROM entries WHERE seq >= ? ORDER BY seq').iterate(from);
    for (const row of rows) yield unpacked(row['body']);
  }

  *outline(session: number): Iterable<Entry> {
    const rows = this.#database
      .prepare("SELECT body FROM entries WHERE session = ? AND kind <> 'event:measured' ORDER BY seq")
      .iterate(session);
    for (const row of rows) yield unpacked(row['body']);
  }

  lastSession(): number | null {
    const row = this.#database
      .prepare(
        "SELECT session FROM entries WHERE kind = 'session' AND json_extract(body, '$.executor') = ? ORDER BY seq DESC LIMIT 1",
      )
      .get(this.#executor);
    return row ? Number(row['session']) : null;
  }

  *history(kinds: readonly string[], sessions: number): Iterable<Entry> {
    const newest = this.#database
      .prepare(
        "SELECT session FROM entries WHERE kind = 'session' AND json_extract(body, '$.executor') = ? ORDER BY seq DESC LIMIT ?",
      )
      .all(this.#executor, sessions)
      .map((row) => Number(row['session']));
    const places = (list: readonly unknown[]) => list.map(() => '?').join(', ');
    const rows = this.#database
      .prepare(
        `SELECT body FROM entries WHERE session IN (${places(newest)}) AND kind IN (${places(kinds)}) ORDER BY seq`,
      )
      .iterate(...newest, ...kinds);
    for (const row of rows) yield unpacked(row['body']);
  }

  anchor(): Settings {
    const row = this.#database.prepare('SELECT configured, settings FROM kept WHERE executor = ?').get(this.#executor);
    if (!row) return this.#configured;
    const configuredThen = JSON.parse(String(row['configured'])) as Settings;
    return sameSettings(configuredThen, this.#configured)
      ? (JSON.parse(String(row['settings'])) as Settings)
      : this.#configured;
  }

  keep(settings: Settings): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO kept (executor, configured, settings) VALUES (?, ?, ?)')
      .run(this.#executor, JSON.stringify(this.#configured), JSON.stringify(settings));
  }

  lease(owner: string, nowMs: number): true | { readonly owner: string } {
    return this.#transaction(() => {
      const row = this.#database.prepare('SELECT owner, renewed_ms FROM leases WHERE executor = ?').get(this.#executor);
      const held = row !== undefined && String(row['owner']) !== owner && nowMs - Number(row['renewed_ms']) < leaseMs;
      if (held && isAlive(String(row['owner']))) return { owner: String(row['owner']) };
      this.#database
        .prepare('INSERT OR REPLACE INTO leases (executor, owner, renewed_ms) VALUES (?, ?, ?)')
        .run(this.#executor, owner, nowMs);
      return true;
    });
  }

  release(owner: string): void {
    this.#database.prepare('DELETE FROM leases WHERE executor = ? AND owner = ?').run(this.#executor, owner);
  }

  isOff(): boolean {
    return this.#off.all(this.#executor, '*').some((row) => row['off'] === 1);
  }

  setOff(off: boolean): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO switches (executor, off) VALUES (?, ?)')
      .run(this.#executor, off ? 1 : 0);
  }

  prune(nowMs: number): number {
    const oldestMs = nowMs - retention.days * 86_400_000;
    const oldest = `seq IN (SELECT seq FROM entries WHERE kind = 'event:measured' ORDER BY seq LIMIT ${pruneRows})`;
    let removed = 0;
    for (let dropped = pruneRows; dropped === pruneRows; removed += dropped)
      dropped = this.#drop(`at_ms < ? AND ${oldest}`, [oldestMs]);
    while (this.#bytes() > retention.bytes) {
      const dropped = this.#drop(oldest, []);
      if (dropped === 0) break;
      removed += dropped;
    }
    return removed;
  }

  /** Of the pages in use. O(1). */
  #bytes(): number {
    const pragma = (name: string) => Number(this.#database.prepare(`PRAGMA ${name}`).get()?.[name]);
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  }

  /** Drops windows, and says so in each session that loses some. */
  #drop(which: string, values: readonly number[]): number {
    return this.#transaction(() => {
      const where = `kind = 'event:measured' AND ${which}`;
      const losing = this.#database
        .prepare(`SELECT session, count(*) AS windows FROM entries WHERE ${where} GROUP BY session`)
        .all(...values);
      if (losing.length === 0) return 0;
      const { changes } = this.#database.prepare(`DELETE FROM entries WHERE ${where}`).run(...values);
      for (const row of losing) {
        const entry: Entry = {
          kind: 'remark',
          session: Number(row['session']),
          remark: { kind: 'pruned', windows: Number(row['windows']) },
        };
        this.#insert.run(entry.session, kindOf(entry), timeOf(entry), JSON.stringify(entry));
      }
      return Number(changes);
    });
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#database.close();
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw new SandtuneError('ERR_SANDTUNE_LEDGER', `ledger ${this.path}: ${messageOf(error)}`, { cause: error });
    }
  }
}

function openDatabase(stateDir: string): { database: DatabaseSync; path: string } {
  const path = stateDir === ':memory:' ? stateDir : join(stateDir, 'ledger.sqlite');
  try {
    if (path !== ':memory:') mkdirSync(stateDir, { recursive: true });
    const database = new DatabaseSync(path, { timeout: 5000 });
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version !== 0 && version !== ledgerSchemaVersion) {
      database.close();
      throw new Error(
        `expected schema version ${ledgerSchemaVersion}, got ${version}; move the file away, or give another stateDir`,
      );
    }
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(schema);
    return { database, path };
  } catch (error) {
    throw new SandtuneError('ERR_SANDTUNE_LEDGER', `ledger ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function kindOf(entry: Entry): string {
  if (entry.kind === 'event') return `event:${entry.event.kind}`;
  if (entry.kind === 'record') return `record:${entry.record.kind}`;
  return entry.kind === 'remark' ? `remark:${entry.remark.kind}` : entry.kind;
}

function timeOf(entry: Entry): number {
  return entry.kind === 'session' ? entry.startedAtMs : entry.kind === 'event' ? entry.event.atMs : 0;
}

/** Rows below this are left readable for `sqlite3`. */
const deflateFromChars = 4096;

function packed(json: string): string | Uint8Array {
  return json.length < deflateFromChars ? json : deflateRawSync(json, { level: 1 });
}

function unpacked(body: unknown): Entry {
  const json = body instanceof Uint8Array ? inflateRawSync(body).toString() : String(body);
  return JSON.parse(json) as Entry;
}

/** An owner is 'pid:session'; one whose process is gone holds nothing. */
function isAlive(owner: string): boolean {
  try {
    process.kill(Number(owner.split(':')[0]), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

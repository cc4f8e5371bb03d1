/** What may happen to a file that somebody else can reach: each kind draws what it does. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { RandomSource } from '../../../src/foundation/random.ts';
import { alteredValue } from './altered-value.ts';

/** Does it to the file at `path`, and says what was done. */
type Damage = (path: string, random: RandomSource) => string;

const pageBytes = 4096;

const truncation: Damage = (path, random) => {
  const bytes = Math.floor(random() * statSync(path).size);
  truncateSync(path, bytes);
  return `cut to ${bytes} bytes`;
};

const flips: Damage = (path, random) => {
  const bytes = readFileSync(path);
  const count = 1 + Math.floor(random() * 64);
  for (let flip = 0; flip < count; flip++) flipIn(bytes, random);
  overwrite(path, bytes, 0);
  return `${count} bits turned`;
};

const page: Damage = (path, random) => {
  const at = pageBytes * Math.floor((random() * statSync(path).size) / pageBytes);
  const isZero = random() < 0.5;
  overwrite(path, isZero ? Buffer.alloc(pageBytes) : noise(pageBytes, random), at);
  return `page at ${at} filled with ${isZero ? 'zeros' : 'noise'}`;
};

const statements: readonly string[] = [
  'UPDATE rows SET text = substr(text, 1, length(text) / 2) WHERE seq = :seq',
  "UPDATE rows SET text = 'x' WHERE seq = :seq",
  'UPDATE rows SET text = zeroblob(100) WHERE seq = :seq',
  "UPDATE rows SET kind = 'record:nothing' WHERE seq = :seq",
  'UPDATE rows SET at_ms = -1e300 WHERE seq = :seq',
  'UPDATE rows SET run = 9223372036854775807 WHERE seq = :seq',
  'UPDATE rows SET bulk_before = 9223372036854775807 WHERE seq = :seq',
  'DELETE FROM rows WHERE seq = :seq',
  'DELETE FROM rows WHERE seq >= :seq',
  "UPDATE bulk SET deflated = x'00' WHERE seq > :seq",
  'UPDATE bulk SET deflated = zeroblob(1000000) WHERE seq > :seq',
  'DELETE FROM bulk WHERE seq > :seq',
  'UPDATE bulk SET place = place + 1 WHERE seq > :seq',
  'DELETE FROM runs',
  "UPDATE runs SET digest = 'x', rows = rows + 7",
  'UPDATE runs SET rows = 9223372036854775807',
  "UPDATE runs SET subject = 'another'",
  'UPDATE counters SET next_seq = 1',
  'UPDATE counters SET next_seq = 9223372036854775807',
  'DELETE FROM counters',
  "UPDATE cells SET value = 'no'",
  "UPDATE cells SET value = 'yes', subject = 'another'",
  "UPDATE cells SET value = '{'",
  'DELETE FROM cells',
  "INSERT OR REPLACE INTO leases VALUES ('pool', 'x', '{}', 9223372036854775807, 1, 0)",
  "INSERT OR REPLACE INTO leases VALUES ('pool', 'x', 'no identity', -5, 'x', 'y')",
  'UPDATE writers SET appended = 9223372036854775807',
  'DROP TABLE rows',
  'DROP TABLE bulk',
  'DROP TABLE cells',
  'DROP TABLE leases',
  'DROP TABLE counters',
  'DROP INDEX runs_by_subject',
  'DROP TABLE rows; CREATE VIEW rows AS SELECT 1 AS seq',
  "CREATE TRIGGER stop BEFORE INSERT ON rows BEGIN SELECT RAISE(ABORT, 'no'); END",
];

const wrongRows: Damage = (path, random) => {
  using database = new DatabaseSync(path);
  const rows = Number(database.prepare('SELECT count(*) AS count FROM rows').get()?.['count']);
  const seqs = database.prepare('SELECT seq FROM rows').all();
  const seq = Number(seqs[Math.floor(random() * rows)]?.['seq'] ?? 1);
  const sql = (statements[Math.floor(random() * statements.length)] ?? '').replace(':seq', String(seq));
  database.exec(sql);
  return sql;
};

/** Well-formed rows, of which one holds another value somewhere than was written. */
const wrongValues: Damage = (path, random) => {
  using database = new DatabaseSync(path);
  const rows = database.prepare('SELECT seq, text FROM rows').all();
  const row = rows[Math.floor(random() * rows.length)];
  const { text, said } = alteredValue(String(row?.['text']), random);
  database.prepare('UPDATE rows SET text = ? WHERE seq = ?').run(text, Number(row?.['seq']));
  return `row ${Number(row?.['seq'])}: ${said}`;
};

const foreign: Damage = (path, random) => {
  const kind = Math.floor(random() * 5);
  rmSync(path);
  if (kind === 0) writeFileSync(path, '# Notes\n'.repeat(1 + Math.floor(random() * 2000)));
  else if (kind === 1) writeFileSync(path, noise(Math.floor(random() * 60_000), random));
  else if (kind === 2) writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), noise(8176, random)]));
  else if (kind === 3) mkdirSync(path);
  else {
    using database = new DatabaseSync(path);
    database.exec('CREATE TABLE cells (a); CREATE TABLE bookmarks (b); INSERT INTO bookmarks VALUES (1)');
  }
  return ['a text', 'noise', 'noise under a right beginning', 'a folder', 'a database of somebody else'][kind] ?? '';
};

const oldVersion: Damage = (path, random) => {
  const version = Math.floor(random() * 100);
  if (random() < 0.5) {
    using database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${version === 3 ? 4 : version}`);
    return `version ${version}`;
  }
  for (const end of ['', '-wal']) rmSync(path + end, { force: true });
  using database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE entries (seq INTEGER PRIMARY KEY, session INTEGER, kind TEXT, at_ms REAL, body BLOB);
    CREATE TABLE kept (executor TEXT PRIMARY KEY, configured TEXT NOT NULL, settings TEXT NOT NULL);
    CREATE TABLE switches (executor TEXT PRIMARY KEY, off INTEGER NOT NULL);
    INSERT INTO kept VALUES ('pool', '{"size":1}', '{"size":${version}}');
    INSERT INTO switches VALUES ('*', 1);
    PRAGMA user_version = 2;
  `);
  return 'tables of version 2';
};

const log: Damage = (path, random) => {
  const wal = `${path}-wal`;
  const bytes = existsSync(wal) ? readFileSync(wal) : Buffer.alloc(0);
  if (bytes.length === 0 || random() < 0.2) {
    writeFileSync(wal, noise(40_000, random));
    return 'a log of noise';
  }
  if (random() < 0.5) {
    truncateSync(wal, Math.floor(random() * bytes.length));
    return 'a log that was cut';
  }
  for (let flip = 0; flip < 40; flip++) flipIn(bytes, random);
  overwrite(wal, bytes, 0);
  return 'a log with 40 bits turned';
};

export const damages: Readonly<Record<string, Damage>> = {
  truncation,
  flips,
  page,
  'wrong rows': wrongRows,
  'wrong values': wrongValues,
  foreign,
  'old version': oldVersion,
  log,
};

function flipIn(bytes: Buffer, random: RandomSource): void {
  const at = Math.floor(random() * bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
}

function noise(length: number, random: RandomSource): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(256 * random())));
}

/** In place: the file stays the same one. */
function overwrite(path: string, bytes: Buffer, at: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

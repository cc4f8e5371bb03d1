/**
 * A ledger as a program leaves it that was started every day for months, made in seconds: one session is
 * run in a world, and its entries are written once for each session of the ledger. So every session is
 * whole, replays, and can be reported, and leaves to the next what it would have left; only the times of
 * its rows say that it ran on another day.
 */
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deflateRawSync } from 'node:zlib';
import { openStore } from '../../src/store/open-store.ts';
import type { NewRow, WaitingRow } from '../../src/store/row.ts';
import { RowWriter } from '../../src/store/row-writer.ts';
import { type Entry, ledgerSchemaVersion } from '../../tuner/entries/entries.ts';
import { extendCarryOver, nothingCarried } from '../../tuner/history.ts';
import { cellKeys } from '../../tuner/ledger-cells.ts';
import { rowOf } from '../../tuner/ledger-rows.ts';
import { tunedWorld } from './tuned-world.ts';

export interface LargeLedgerOptions {
  /** @defaultValue 100 */
  readonly sessions?: number;
  /** Of all sessions together. @defaultValue 1000 */
  readonly trials?: number;
  /** About the size of the file. @defaultValue 64 MiB */
  readonly bytes?: number;
  /** Unix time of the newest session's end; each one before it ended a day earlier. */
  readonly endMs: number;
}

export interface LargeLedger {
  readonly stateDir: string;
  readonly path: string;
  /** Whose sessions they are, configured with `configured`. */
  readonly executor: string;
  readonly configured: { readonly size: number };
  /** Their numbers, oldest first. */
  readonly sessions: readonly number[];
  readonly windows: number;
}

const dayMs = 86_400_000;
const executor = 'world';
/** What a window of this world takes in the file. */
const bytesOfWindow = 1050;

/** @param stateDir its folder, made when missing */
export async function largeLedger(
  stateDir: string,
  { sessions = 100, trials = 1000, bytes = 64 * 2 ** 20, endMs }: LargeLedgerOptions,
): Promise<LargeLedger> {
  const path = join(stateDir, 'ledger.sqlite');
  const entries = await playedSession(Math.ceil(trials / sessions), Math.ceil(bytes / sessions / bytesOfWindow));
  await using made = openStore({ path, version: ledgerSchemaVersion, wallMs: endMs });
  using database = new DatabaseSync(made.store.path);
  database.exec('PRAGMA synchronous = OFF');
  const writer = new RowWriter(database, 'large-ledger', quickDeflate());
  const numbers = Array.from({ length: sessions }, (_, index) => index + 1);
  let carried = nothingCarried;
  for (const session of numbers) {
    const rows = rowsOf(entries, session, endMs - (sessions - session) * dayMs);
    for (const entry of entries) carried = extendCarryOver(carried, { ...entry, session });
    const cell = { subject: executor, key: cellKeys.carried, value: JSON.stringify(carried) };
    writer.write([{ number: session, rows, cells: [cell], fence: null }]);
  }
  writer.leave();
  return {
    stateDir: dirname(path),
    path,
    executor,
    configured: { size: 1 },
    sessions: numbers,
    windows: sessions * entries.filter(isWindow).length,
  };
}

/** The entries of a session with so many trials and at least so many windows. */
async function playedSession(trials: number, windows: number): Promise<readonly Entry[]> {
  const gain = (size: number) => 1.3 ** Math.min(4, Math.log2(size));
  // Short trials, so that most of the file are windows, which is what a ledger loses first.
  const { tuner } = tunedWorld(
    { rate: ({ size }) => 10_000 * gain(Number(size)), name: executor },
    { maxDurationMs: 3000 },
  );
  for (let trial = 0; trial < trials; trial++) await tuner.propose({ size: 2 ** ((trial % 5) + 1) });
  const enough = Promise.withResolvers<void>();
  let seen = [...tuner.ledger.read()].filter(isWindow).length;
  tuner.watch((entry) => {
    if (isWindow(entry) && ++seen >= windows) enough.resolve();
  });
  if (seen < windows) await enough.promise;
  await tuner.stop();
  const entries = [...tuner.ledger.read()];
  await tuner[Symbol.asyncDispose]();
  return entries;
}

/** Those of the played session, as rows of another one that ended at another time. */
function rowsOf(entries: readonly Entry[], session: number, endMs: number): readonly WaitingRow[] {
  const rows: NewRow[] = [];
  for (const entry of entries) rows.push(rowOf({ ...entry, session }, executor, rows.at(-1)?.atMs ?? 0));
  const shiftMs = endMs - (rows.at(-1)?.atMs ?? 0);
  return rows.map((row) => ({ ...row, atMs: row.atMs + shiftMs, bulkBefore: 0 }));
}

function isWindow(entry: Entry): boolean {
  return entry.kind === 'event' && entry.event.kind === 'measured';
}

/** Of texts that differ only in their first 80 bytes: these are stored as they are, and the rest is deflated once. */
function quickDeflate(): (text: string) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (text) => {
    const bytes = Buffer.from(text);
    const rest = bytes.toString('latin1', 80);
    const deflated = known.get(rest) ?? deflateRawSync(bytes.subarray(80), { level: 1 });
    known.set(rest, deflated);
    // A block that is stored and not the last: its mark, its length, and that inverted (RFC 1951, 3.2.4).
    const { length } = bytes.subarray(0, 80);
    return Buffer.concat([Buffer.from([0, length, 0, 255 - length, 255]), bytes.subarray(0, 80), deflated]);
  };
}

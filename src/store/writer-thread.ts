/**
 * The writer's thread: takes what has come, writes it in one transaction, says how far it got. What
 * could not be written stays in line and is tried again while that may heal, later and later, and at once
 * when asked to.
 */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemTimers } from '../foundation/clock.ts';
import { checkPlace, openForWriting, writeBack } from './open-file.ts';
import type { Batch, Fence } from './row.ts';
import { RowWriter } from './row-writer.ts';
import { StoreError, storeError } from './store-error.ts';
import { carryOut, type Request } from './writer.ts';
import type { FromWriter, ToWriter, WriteRefusal, WriterSetup } from './writer-protocol.ts';

const pauseMs = { first: 100, longest: 3000 } as const;

interface OpenFile {
  readonly database: DatabaseSync;
  readonly rows: RowWriter;
}

const { path, version, place, writer, progress } = workerData as WriterSetup;
const port = parentPort;
if (!port) throw new StoreError(path, 'failed', 'expected to run on a thread of its own');

let file: OpenFile | null = null;
let inLine: Batch[] = [];
/** Fences that were found to be old, and were not told of yet. */
let outdated: readonly Fence[] = [];
/** A new file was made unsynced, and SQLite throws the log of an empty one away: the file comes before the first word. */
let isSynced = false;
let pause: number = pauseMs.first;
let retrying: AbortController | null = null;

say({ kind: 'begun' });

port.on('message', (first: ToWriter) => {
  const asked: Extract<ToWriter, { kind: 'ask' }>[] = [];
  let closing = false;
  // What came meanwhile goes into the same transaction: one sync for all of it.
  for (let message: ToWriter | undefined = first; message; message = next()) {
    if (message.kind === 'append') inLine = inLine.concat(message.batches);
    else if (message.kind === 'ask') asked.push(message);
    else if (message.kind === 'close') closing = true;
  }
  write();
  for (const { id, request } of asked) answer(id, request);
  if (closing) close();
});

function next(): ToWriter | undefined {
  return (receiveMessageOnPort(port as NonNullable<typeof port>) as { message: ToWriter } | undefined)?.message;
}

function write(): void {
  const upTo = inLine.at(-1)?.number;
  if (upTo === undefined) return;
  retrying?.abort();
  retrying = null;
  try {
    const { database, rows } = inPlace();
    const onDisk = rows.appended();
    const batches = inLine.filter((batch) => batch.number > onDisk);
    outdated = outdated.concat(rows.write(batches));
    if (!isSynced) {
      rows.forgetGone();
      isSynced = writeBack(database);
    }
    if (batches.some((batch) => batch.cells.length > 0)) keepCells(database);
    say({ kind: 'written', upTo, outdated });
    inLine = [];
    outdated = [];
    pause = pauseMs.first;
  } catch (error) {
    const refused = storeError(path, error);
    say({ kind: 'refused', upTo, refusal: refusalOf(refused) });
    if (refused.mayHeal) void retry();
  }
  Atomics.store(progress, 0, upTo);
  Atomics.notify(progress, 0);
}

/** A cell is an off switch, or a setting to start from: it stands in the file too before it is said to be on disk, since a log may get lost. */
function keepCells(database: DatabaseSync): void {
  try {
    writeBack(database);
  } catch {
    // It is in the log, and what is wrong is met again with the next batch.
  }
}

async function retry(): Promise<void> {
  const waiting = new AbortController();
  retrying = waiting;
  const forMs = pause;
  pause = Math.min(pauseMs.longest, 2 * pause);
  await systemTimers.sleep(forMs, { signal: waiting.signal }).catch(() => undefined);
  if (!waiting.signal.aborted) write();
}

function answer(id: number, request: Request): void {
  try {
    say({ kind: 'answer', id, answer: carryOut(inPlace().database, request) });
  } catch (error) {
    say({ kind: 'no answer', id, refusal: refusalOf(storeError(path, error)) });
  }
}

/** The file, which must still stand where it stood: one that was deleted takes what is written with it. */
function inPlace(): OpenFile {
  if (file === null) {
    const database = openForWriting(path, version);
    try {
      file = { database, rows: new RowWriter(database, writer) };
    } catch (error) {
      database.close();
      throw error;
    }
  }
  checkPlace(path, place);
  return file;
}

function close(): void {
  retrying?.abort();
  try {
    file?.rows.leave();
  } catch {
    // What was appended is on disk or was refused already: there is nothing left to say.
  }
  file?.database.close();
  port?.close();
}

function refusalOf({ trouble, reason }: StoreError): WriteRefusal {
  return { trouble, reason };
}

function say(message: FromWriter): void {
  port?.postMessage(message);
}

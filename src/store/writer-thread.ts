/**
 * The writer's thread: takes what has come, writes it in one transaction, says how far it got. What
 * could not be written stays in line and is tried again, later and later, and at once when asked to.
 */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemTimers } from '../foundation/clock.ts';
import { openForWriting, placeOf } from './open-file.ts';
import type { Batch } from './row.ts';
import { RowWriter } from './row-writer.ts';
import { StoreError, storeError } from './store-error.ts';
import { carryOut, type Request } from './writer.ts';
import type { FromWriter, ToWriter, WriteRefusal, WriterSetup } from './writer-protocol.ts';

const pauseMs = { first: 100, longest: 3000 } as const;

interface OpenFile {
  readonly database: DatabaseSync;
  readonly rows: RowWriter;
  readonly place: string;
}

const { path, version, writer, progress } = workerData as WriterSetup;
const port = parentPort;
if (!port) throw new StoreError(path, 'failed', 'expected to run on a thread of its own');

let file: OpenFile | null = null;
let inLine: Batch[] = [];
let pause: number = pauseMs.first;
let retrying: AbortController | null = null;

port.on('message', (first: ToWriter) => {
  const asked: Extract<ToWriter, { kind: 'ask' }>[] = [];
  let closing = false;
  // What came meanwhile goes into the same transaction: one sync for all of it.
  for (let message: ToWriter | undefined = first; message; message = next()) {
    if (message.kind === 'append') inLine.push(...message.batches);
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
    const { rows } = inPlace();
    const onDisk = rows.appended();
    const outdated = rows.write(inLine.filter((batch) => batch.number > onDisk));
    inLine = [];
    pause = pauseMs.first;
    say({ kind: 'written', upTo, outdated });
  } catch (error) {
    say({ kind: 'refused', upTo, refusal: refusalOf(error) });
    void retry();
  }
  Atomics.store(progress, 0, upTo);
  Atomics.notify(progress, 0);
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
    const { database, rows } = inPlace();
    say({ kind: 'answer', id, answer: carryOut(database, rows, request) });
  } catch (error) {
    say({ kind: 'no answer', id, refusal: refusalOf(error) });
  }
}

/** The file, which must still stand where it stood: one that was deleted takes what is written with it. */
function inPlace(): OpenFile {
  if (file === null) {
    const place = placeOf(path);
    const database = openForWriting(path, version);
    file = { database, rows: new RowWriter(database, writer), place };
  }
  if (placeOf(path) === file.place) return file;
  throw new StoreError(path, 'missing', 'expected the file where it was, another stands there');
}

function close(): void {
  retrying?.abort();
  try {
    file?.rows.leave();
    file?.database.close();
  } catch {
    // What was appended is on disk or was refused already: there is nothing left to say.
  }
  port?.close();
}

function refusalOf(error: unknown): WriteRefusal {
  const { trouble, reason } = storeError(path, error);
  return { trouble, reason };
}

function say(message: FromWriter): void {
  port?.postMessage(message);
}

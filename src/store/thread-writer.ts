/**
 * The host's side of the writer's thread. The thread begins with the first batch and keeps the process
 * alive only while somebody waits for it. A batch waits here until the thread says that it is on disk;
 * a thread that dies is replaced, and the file itself says which batches it had written.
 */
import { Worker } from 'node:worker_threads';
import { systemTimers } from '../foundation/clock.ts';
import { messageOf } from '../foundation/errors.ts';
import type { Batch } from './row.ts';
import { StoreError } from './store-error.ts';
import type { Answer, Answers, Request, Writer, WriterListener } from './writer.ts';
import type { FromWriter, ToWriter, WriteRefusal, WriterSetup } from './writer-protocol.ts';

interface Waiter<T> {
  readonly upTo: number;
  readonly settled: PromiseWithResolvers<T>;
}

/** A thread that dies this often, and has written nothing in between, will not do better. */
const mostStarts = 5;
/** A promise that waits for a disk that hangs is rejected after this time; what was appended stays in line. */
const answerMs = 15_000;

/** Which file the thread writes. */
export type ThreadFile = Omit<WriterSetup, 'progress'>;

export class ThreadWriter implements Writer {
  readonly waiting: Batch[] = [];
  waitingChars = 0;
  readonly #setup: WriterSetup;
  readonly #listener: WriterListener;
  readonly #answerMs: number;
  #worker: Worker | null = null;
  #starts = 0;
  /** Number of the last batch handed to the thread, and of the last one appended. */
  #sent = 0;
  #appended = 0;
  #sendScheduled = false;
  #waiters: Waiter<void>[] = [];
  readonly #asked = new Map<number, PromiseWithResolvers<Answer>>();
  #nextAsk = 1;
  #inTrouble = false;
  /** A trouble that does not heal: nothing is tried any more. */
  #ended: StoreError | null = null;
  #closed = false;

  /** @param mostMs longest that a promise waits for an answer of the thread */
  constructor(file: ThreadFile, listener: WriterListener, mostMs = answerMs) {
    this.#answerMs = mostMs;
    this.#setup = { ...file, progress: new Int32Array(new SharedArrayBuffer(4)) };
    this.#listener = listener;
  }

  append(batch: Batch): void {
    this.waiting.push(batch);
    this.waitingChars += charsOf(batch);
    this.#appended = batch.number;
    if (this.#sendScheduled) return;
    this.#sendScheduled = true;
    // What is appended in one turn is handed over, and synced, together.
    queueMicrotask(() => this.#send());
  }

  written(number: number): Promise<void> {
    const [oldest] = this.waiting;
    if (oldest === undefined || oldest.number > number) return Promise.resolve();
    if (this.#ended) return Promise.reject(this.#ended);
    if (this.#closed) return Promise.reject(this.#errorOf({ trouble: 'closed', reason: 'it was closed before' }));
    this.#send();
    if (this.#inTrouble) this.#say({ kind: 'retry' });
    const settled = Promise.withResolvers<void>();
    const waiter = { upTo: number, settled };
    this.#waiters.push(waiter);
    return this.#inTime(settled, () => {
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
    });
  }

  ask<R extends Request>(request: R): Promise<Answers[R['kind']]> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#send();
    const answered = Promise.withResolvers<Answer>();
    const id = this.#nextAsk++;
    this.#asked.set(id, answered);
    this.#say({ kind: 'ask', id, request });
    // A request is answered by an answer of its kind.
    return this.#inTime(answered, () => this.#asked.delete(id)) as Promise<Answers[R['kind']]>;
  }

  flush(mostMs: number): void {
    this.#send();
    const { progress } = this.#setup;
    for (
      let done = Atomics.load(progress, 0);
      this.#worker && !this.#ended && done < this.#appended;
      done = Atomics.load(progress, 0)
    )
      if (Atomics.wait(progress, 0, done, mostMs) === 'timed-out') return;
  }

  async close(): Promise<void> {
    this.#send();
    this.#closed = true;
    const worker = this.#worker;
    if (!worker) return;
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#say({ kind: 'close' });
    this.#holdProcess();
    const over = new AbortController();
    const late = systemTimers.sleep(this.#answerMs, { signal: over.signal, keepAlive: true }).catch(() => undefined);
    await Promise.race([gone, late]);
    over.abort();
    worker.unref();
  }

  /** Keeps the process alive until the answer has come. An answer that is late is a trouble, and is then ignored. */
  async #inTime<T>(answer: PromiseWithResolvers<T>, forget: () => void): Promise<T> {
    this.#holdProcess();
    const over = new AbortController();
    const late = () => {
      forget();
      answer.reject(this.#inTroubleBy({ trouble: 'failed', reason: `no answer of the disk in ${this.#answerMs} ms` }));
      this.#holdProcess();
    };
    systemTimers.sleep(this.#answerMs, { signal: over.signal }).then(late, () => undefined);
    try {
      return await answer.promise;
    } finally {
      over.abort();
    }
  }

  #send(): void {
    this.#sendScheduled = false;
    const [oldest] = this.waiting;
    if (oldest === undefined || this.#sent === this.#appended || this.#ended) return;
    const batches = this.waiting.slice(this.#sent + 1 - oldest.number);
    this.#sent = this.#appended;
    this.#say({ kind: 'append', batches });
  }

  #say(message: ToWriter): void {
    this.#worker ??= this.#start();
    this.#worker?.postMessage(message);
  }

  /** null after too many starts, or where the system gives no thread. */
  #start(): Worker | null {
    if (this.#starts++ >= mostStarts) {
      queueMicrotask(() => this.#refuseAll({ trouble: 'failed', reason: 'the thread that writes it cannot live' }));
      return null;
    }
    try {
      const worker = new Worker(ownThreadUrl(), {
        workerData: this.#setup,
        name: 'sandtune-store',
        // What is preloaded into the host has no business here.
        execArgv: [],
      });
      worker.on('message', (message: FromWriter) => this.#hear(message));
      worker.on('error', (error) => this.#lose(worker, error));
      worker.on('exit', () => this.#lose(worker, new Error('it ended')));
      worker.unref();
      return worker;
    } catch (error) {
      queueMicrotask(() => this.#refuseAll({ trouble: 'failed', reason: messageOf(error) }));
      return null;
    }
  }

  #hear(message: FromWriter): void {
    if (message.kind === 'written') {
      this.#inTrouble = false;
      this.#starts = 1;
      const [oldest] = this.waiting;
      const written = oldest ? this.waiting.splice(0, message.upTo + 1 - oldest.number) : [];
      for (const batch of written) this.waitingChars -= charsOf(batch);
      if (message.outdated.length > 0) this.#listener.outdated(message.outdated);
      this.#settle(message.upTo, null);
      this.#listener.wrote();
    } else if (message.kind === 'refused') this.#refuse(message.upTo, message.refusal);
    else {
      const asked = this.#asked.get(message.id);
      this.#asked.delete(message.id);
      if (message.kind === 'answer') asked?.resolve(message.answer);
      else {
        const error = this.#errorOf(message.refusal);
        if (!error.mayHeal) this.#end(error);
        asked?.reject(error);
      }
    }
    this.#holdProcess();
  }

  #lose(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    if (this.#closed) return;
    // It took with it what it was handed: whoever appends or waits next starts another thread, which gets all of it.
    this.#sent = (this.waiting[0]?.number ?? this.#appended + 1) - 1;
    this.#refuseAll({ trouble: 'failed', reason: `the thread that writes it has ended: ${messageOf(error)}` });
  }

  #refuseAll(refusal: WriteRefusal): void {
    this.#refuse(this.#appended, refusal);
    for (const asked of this.#asked.values()) asked.reject(this.#errorOf(refusal));
    this.#asked.clear();
    this.#holdProcess();
  }

  #refuse(upTo: number, refusal: WriteRefusal): void {
    this.#settle(upTo, this.#inTroubleBy(refusal));
  }

  #inTroubleBy(refusal: WriteRefusal): StoreError {
    const error = this.#errorOf(refusal);
    this.#inTrouble = true;
    if (error.mayHeal) this.#listener.trouble(error);
    else this.#end(error);
    return error;
  }

  #end(error: StoreError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#settle(this.#appended, error);
    this.#listener.trouble(error);
  }

  #settle(upTo: number, error: StoreError | null): void {
    const due = this.#waiters.filter((waiter) => waiter.upTo <= upTo);
    this.#waiters = this.#waiters.filter((waiter) => waiter.upTo > upTo);
    for (const { settled } of due) {
      if (error) settled.reject(error);
      else settled.resolve();
    }
  }

  #errorOf({ trouble, reason }: WriteRefusal): StoreError {
    return new StoreError(this.#setup.path, trouble, reason);
  }

  #holdProcess(): void {
    if (this.#closed || this.#waiters.length > 0 || this.#asked.size > 0) this.#worker?.ref();
    else this.#worker?.unref();
  }
}

function charsOf({ rows }: Batch): number {
  return rows.reduce((sum, { text }) => sum + text.length, 0);
}

/** Source or built: the thread's file has the extension this module has. tsc does not rewrite URLs. */
function ownThreadUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js', import.meta.url);
}

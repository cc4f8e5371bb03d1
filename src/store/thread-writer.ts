/**
 * The host's side of the writer's thread. The thread begins with the first batch and keeps the process
 * alive only while somebody waits for it. A batch waits here until the thread says that it is on disk;
 * a thread that dies is replaced, and the file itself says which batches it had written.
 *
 *   something is handed over ──▶ look every second ── a word of the thread ──▶ count anew
 *                                      └── five looks without one ──▶ hung until one is soon: all that wait are refused
 *
 * Looks are counted and not time: a process that was stopped, a laptop that slept and a host that was held
 * up look once when they go on, and hear then what the thread has said.
 */
import { Worker } from 'node:worker_threads';
import { systemTimers } from '../foundation/clock.ts';
import { messageOf } from '../foundation/errors.ts';
import { threadFile } from '../foundation/thread-file.ts';
import { asMicrotask } from '../foundation/turns.ts';
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
/** How long a thread that owes an answer may be silent. What was appended stays in line beyond that. */
export interface SilenceLimits {
  readonly lookEveryMs: number;
  /** A disk that takes 300 ms for a sync answers within two seconds. */
  readonly looks: number;
  /** Before its first word: a busy machine takes its time to start a thread. */
  readonly looksAtStart: number;
  /** When it was asked to end. */
  readonly looksAtEnd: number;
  /** A disk that hung is well again once something was written before so many: one that takes long each time stays hung. */
  readonly looksWhenWell: number;
}

const usualLimits: SilenceLimits = { lookEveryMs: 1000, looks: 5, looksAtStart: 30, looksAtEnd: 15, looksWhenWell: 2 };

/** Which file the thread writes. */
export type ThreadFile = Omit<WriterSetup, 'progress'>;

export class ThreadWriter implements Writer {
  readonly waiting: Batch[] = [];
  waitingChars = 0;
  readonly #setup: WriterSetup;
  readonly #listener: WriterListener;
  readonly #limits: SilenceLimits;
  #worker: Worker | null = null;
  #starts = 0;
  /** The thread has said a word. */
  #isBegun = false;
  #isWatched = false;
  /** In a row. */
  #silentLooks = 0;
  #isHung = false;
  /** Number of the last batch of which the thread has said what became of it, of the last handed to it, and of the last one appended. */
  #answered = 0;
  #sent = 0;
  #appended = 0;
  #sendScheduled = false;
  #waiters: Waiter<void>[] = [];
  readonly #asked = new Map<number, PromiseWithResolvers<Answer> & Pick<Request, 'kind'>>();
  #nextAsk = 1;
  #inTrouble = false;
  /** A trouble that does not heal: nothing is tried any more. */
  #ended: StoreError | null = null;
  #closed = false;

  constructor(file: ThreadFile, listener: WriterListener, limits = usualLimits) {
    this.#limits = limits;
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
    asMicrotask(() => this.#send());
  }

  written(number: number): Promise<void> {
    const [oldest] = this.waiting;
    if (oldest === undefined || oldest.number > number) return Promise.resolve();
    if (this.#ended) return Promise.reject(this.#ended);
    if (this.#closed) return Promise.reject(this.#errorOf({ trouble: 'closed', reason: 'it was closed before' }));
    this.#send();
    if (this.#inTrouble) this.#say({ kind: 'retry' });
    const settled = Promise.withResolvers<void>();
    this.#waiters.push({ upTo: number, settled });
    this.#holdProcess();
    void this.#watch();
    return settled.promise;
  }

  ask<R extends Request>(request: R): Promise<Answers[R['kind']]> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#send();
    const answered = Promise.withResolvers<Answer>();
    const id = this.#nextAsk++;
    this.#asked.set(id, { ...answered, kind: request.kind });
    this.#say({ kind: 'ask', id, request });
    this.#holdProcess();
    // A request is answered by an answer of its kind.
    return answered.promise as Promise<Answers[R['kind']]>;
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
    const { lookEveryMs, looksAtEnd } = this.#limits;
    const late = systemTimers
      .sleep(looksAtEnd * lookEveryMs, { signal: over.signal, keepAlive: true })
      .catch(() => undefined);
    await Promise.race([gone, late]);
    over.abort();
    worker.unref();
  }

  /** Looks whether the thread answers, as long as it owes an answer. */
  async #watch(): Promise<void> {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#silentLooks = 0;
    const { lookEveryMs, looks, looksAtStart } = this.#limits;
    while (this.#isOwed()) {
      await systemTimers.sleep(lookEveryMs);
      const most = this.#isBegun ? looks : looksAtStart;
      if (++this.#silentLooks % most > 0 || !this.#isOwed()) continue;
      this.#isHung = true;
      this.#refuseAll({ trouble: 'hung', reason: `no answer of the disk in ${most * lookEveryMs} ms` });
    }
    this.#isWatched = false;
  }

  #isOwed(): boolean {
    if (this.#worker === null || this.#ended) return false;
    return this.#sent > this.#answered || this.#waiters.length > 0 || this.#asked.size > 0;
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
    void this.#watch();
  }

  /** null after too many starts, or where the system gives no thread. */
  #start(): Worker | null {
    if (this.#starts++ >= mostStarts) {
      asMicrotask(() => this.#refuseAll({ trouble: 'failed', reason: 'the thread that writes it cannot live' }));
      return null;
    }
    this.#isBegun = false;
    try {
      const worker = new Worker(threadFile('src/store/writer-thread'), {
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
      asMicrotask(() => this.#refuseAll({ trouble: 'failed', reason: messageOf(error) }));
      return null;
    }
  }

  #hear(message: FromWriter): void {
    const isSoon = this.#silentLooks < this.#limits.looksWhenWell;
    this.#isBegun = true;
    this.#silentLooks = 0;
    if (message.kind === 'begun') return;
    if (message.kind === 'written') {
      this.#answered = message.upTo;
      this.#inTrouble = false;
      this.#starts = 1;
      const [oldest] = this.waiting;
      const written = oldest ? this.waiting.splice(0, message.upTo + 1 - oldest.number) : [];
      for (const batch of written) this.waitingChars -= charsOf(batch);
      if (message.outdated.length > 0) this.#listener.outdated(message.outdated);
      this.#settle(message.upTo, null);
      this.#wrote(isSoon);
    } else if (message.kind === 'refused') {
      this.#answered = message.upTo;
      this.#refuse(message.upTo, message.refusal);
    } else {
      const asked = this.#asked.get(message.id);
      this.#asked.delete(message.id);
      if (message.kind === 'answer') {
        asked?.resolve(message.answer);
        // A lease that is renewed is written too, also while nothing else is.
        if (this.#isHung && asked?.kind === 'renew' && this.waiting.length === 0) this.#wrote(isSoon);
      } else {
        const error = this.#errorOf(message.refusal);
        if (!error.mayHeal) this.#end(error);
        asked?.reject(error);
      }
    }
    this.#holdProcess();
  }

  #wrote(isSoon: boolean): void {
    this.#isHung &&= !isSoon;
    if (!this.#isHung) this.#listener.wrote();
  }

  #lose(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    if (this.#closed) return;
    // It took with it what it was handed: the next append, or the next that waits, starts another thread, which gets all of it.
    this.#sent = (this.waiting[0]?.number ?? this.#appended + 1) - 1;
    this.#answered = this.#sent;
    this.#refuseAll({ trouble: 'failed', reason: `the thread that writes it has ended: ${messageOf(error)}` });
  }

  #refuseAll(refusal: WriteRefusal): void {
    this.#refuse(this.#appended, refusal);
    for (const asked of this.#asked.values()) asked.reject(this.#errorOf(refusal));
    this.#asked.clear();
    this.#holdProcess();
  }

  #refuse(upTo: number, refusal: WriteRefusal): void {
    const error = this.#errorOf(refusal);
    this.#inTrouble = true;
    if (error.mayHeal) this.#listener.trouble(error);
    else this.#end(error);
    this.#settle(upTo, error);
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

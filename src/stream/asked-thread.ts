/**
 * A thread of ours that is asked one thing after the other, and answers each. It starts with the first question, and
 * again after it has ended by itself: what it had not answered then has failed.
 */
import { type Transferable, Worker } from 'node:worker_threads';
import { messageOf } from '../foundation/errors.ts';
import { threadFile } from '../foundation/thread-file.ts';
import type { CheckpointTrouble } from './checkpoint/checkpoint-error.ts';

/** Each question by its name: what it is given, and what it answers. */
export type Calls = Readonly<Record<string, { readonly given: unknown; readonly answer: unknown }>>;

export type ToThread<C extends Calls> = {
  readonly [N in keyof C]: { readonly id: number; readonly call: N; readonly given: C[N]['given'] };
}[keyof C];

export type FromThread<C extends Calls> =
  | { readonly id: number; readonly answer: C[keyof C]['answer'] }
  | { readonly id: number; readonly refusal: ThreadRefusal };

/** What became of a question that has no answer. */
export interface ThreadRefusal {
  readonly trouble: CheckpointTrouble;
  readonly message: string;
}

export interface AskedThreadParts {
  /** From the package's root, without its extension. */
  readonly file: string;
  /** As systems show threads. */
  readonly name: string;
  readonly workerData: unknown;
  /** Of what the thread has said. */
  readonly refused: (refusal: ThreadRefusal) => Error;
  /** Of what has become of the thread. */
  readonly failed: (trouble: 'closed' | 'failed' | 'unfit', reason: string, cause?: unknown) => Error;
}

type Asked = PromiseWithResolvers<never>;

export class AskedThread<C extends Calls> {
  readonly #parts: AskedThreadParts;
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | null = null;
  #next = 1;
  #closed: Promise<void> | null = null;

  constructor(parts: AskedThreadParts) {
    this.#parts = parts;
  }

  ask<N extends keyof C>(
    call: N,
    given: C[N]['given'],
    transfer: readonly Transferable[] = [],
  ): Promise<C[N]['answer']> {
    const { failed } = this.#parts;
    if (this.#closed) return Promise.reject(failed('closed', 'expected it to be open, it was closed'));
    try {
      this.#worker ??= this.#start();
      return this.#post(this.#worker, call, given, transfer);
    } catch (error) {
      // A thread that cannot be had, or a value that cannot be sent to one.
      return Promise.reject(failed(this.#worker ? 'unfit' : 'failed', messageOf(error), error));
    }
  }

  /** Resolves when it has answered a last question, and ended; at once where it never began. */
  close<N extends keyof C>(call: N, given: C[N]['given']): Promise<void> {
    this.#closed ??= this.#end(call, given);
    return this.#closed;
  }

  async #end<N extends keyof C>(call: N, given: C[N]['given']): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    await Promise.all([this.#post(worker, call, given, []), gone]);
  }

  #post<N extends keyof C>(
    worker: Worker,
    call: N,
    given: C[N]['given'],
    transfer: readonly Transferable[],
  ): Promise<C[N]['answer']> {
    const id = this.#next++;
    worker.postMessage({ id, call, given }, transfer);
    const asked = Promise.withResolvers<never>();
    this.#asked.set(id, asked);
    // The process stays alive for what was asked, and for nothing else.
    worker.ref();
    return asked.promise;
  }

  #start(): Worker {
    const { file, name, workerData } = this.#parts;
    // What is preloaded into the host has no business here.
    const worker = new Worker(threadFile(file), { workerData, name, execArgv: [] });
    worker.on('message', (message: FromThread<C>) => this.#hear(worker, message));
    worker.on('error', (error) => this.#lose(worker, error));
    worker.on('exit', () => this.#lose(worker, new Error('it ended')));
    return worker;
  }

  #hear(worker: Worker, message: FromThread<C>): void {
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (this.#asked.size === 0 && !this.#closed) worker.unref();
    if ('answer' in message) asked?.resolve(message.answer as never);
    else asked?.reject(this.#parts.refused(message.refusal));
  }

  #lose(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const { reject } of this.#asked.values())
      reject(this.#parts.failed('failed', `its thread has ended: ${messageOf(error)}`, error));
    this.#asked.clear();
  }
}

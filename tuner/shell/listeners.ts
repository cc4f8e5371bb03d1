/**
 * Delivers entries to whoever listens: each listener gets every entry once, in the order of the
 * ledger, also when a listener causes further entries while it is called. What goes wrong in a listener
 * stays its own affair: it is told once, and the listener goes on being called. A history of weeks is
 * delivered over several turns of the event loop, because the host waits while it is read.
 */
import { messageOf } from '../../src/foundation/errors.ts';
import { expected } from '../../src/foundation/options.ts';
import type { Entry } from '../entries/entries.ts';
import type { Say } from './warn.ts';

interface Listener {
  /** May be async: nobody waits for it. */
  readonly call: (entry: Entry) => unknown;
  /** Number of the first entry delivered to it from the queue; those before it came with its history. */
  readonly from: number;
  hasFailed: boolean;
  /** The rest of its history; null once it has all of it. */
  past: Iterator<Entry> | null;
  /** Entries that came meanwhile. */
  readonly meanwhile: Entry[];
}

/** Entries of a history that are read and delivered in one turn. */
const mostAtOnce = 500;

export class Listeners {
  readonly #say: Say;
  readonly #listeners = new Set<Listener>();
  /** Entries not delivered yet, oldest first. */
  readonly #queue: Entry[] = [];
  /** Entries taken off the queue so far. */
  #takenCount = 0;
  #delivering = false;

  /** @param say may cause further entries */
  constructor(say: Say) {
    this.#say = say;
  }

  /**
   * Gives `call` the entries of `history`, then those that follow. The function it returns ends that.
   * @throws {SandtuneError} ERR_SANDTUNE_OPTION when `call` is no function
   */
  add(call: Listener['call'], history: Iterable<Entry>): () => void {
    if (typeof call !== 'function') throw expected('watch()', 'a function that is called with each entry', call);
    const past = history[Symbol.iterator]();
    const first = this.#taken(past);
    const from = this.#takenCount + this.#queue.length;
    const listener: Listener = { call, from, hasFailed: false, past, meanwhile: [] };
    this.#listeners.add(listener);
    const outermost = !this.#delivering;
    this.#delivering = true;
    this.#deliverPast(listener, first);
    if (outermost) this.#deliverQueue();
    return () => this.#listeners.delete(listener);
  }

  #deliverPast(listener: Listener, part: readonly Entry[]): void {
    for (const entry of part) if (this.#listeners.has(listener)) this.#call(entry, listener);
    if (part.length === mostAtOnce) {
      setImmediate(() => {
        if (listener.past && this.#listeners.has(listener)) this.#deliverPast(listener, this.#taken(listener.past));
      });
      return;
    }
    const { meanwhile } = listener;
    for (let entry = meanwhile.shift(); entry; entry = meanwhile.shift())
      if (this.#listeners.has(listener)) this.#call(entry, listener);
    listener.past = null;
  }

  deliver(entries: readonly Entry[]): void {
    this.#queue.push(...entries);
    if (!this.#delivering) this.#deliverQueue();
  }

  #deliverQueue(): void {
    this.#delivering = true;
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) {
      const number = this.#takenCount++;
      for (const listener of this.#listeners) {
        if (number < listener.from) continue;
        if (listener.past) listener.meanwhile.push(entry);
        else this.#call(entry, listener);
      }
    }
    this.#delivering = false;
  }

  /** The next entries of a history, fewer than `mostAtOnce` when it ends, or cannot be read any further. */
  #taken(past: Iterator<Entry>): readonly Entry[] {
    const part: Entry[] = [];
    try {
      while (part.length < mostAtOnce) {
        const { done, value } = past.next();
        if (done) break;
        part.push(value);
      }
    } catch (error) {
      const text = `what came before could not be read for a listener of tuner.watch(): ${messageOf(error)}`;
      this.#say('SANDTUNE_LEDGER', text);
    }
    return part;
  }

  #call(entry: Entry, listener: Listener): void {
    try {
      const answer = listener.call(entry);
      // What an async listener rejects with must not end the process.
      if (typeof answer === 'object' && answer !== null)
        Promise.resolve(answer).catch((error: unknown) => this.#failed(listener, error));
    } catch (error) {
      this.#failed(listener, error);
    }
  }

  #failed(listener: Listener, error: unknown): void {
    if (listener.hasFailed) return;
    listener.hasFailed = true;
    this.#say('SANDTUNE_LISTENER', `a listener of tuner.watch() failed: ${messageOf(error)}`);
  }
}

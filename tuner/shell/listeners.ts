/**
 * Delivers entries to whoever listens: each listener gets every entry once, in the order of the
 * ledger, also when a listener causes further entries while it is called.
 */
import { messageOf } from '../../src/foundation/errors.ts';
import type { Entry } from '../entries/entries.ts';
import { warn } from './warn.ts';

interface Listener {
  readonly call: (entry: Entry) => void;
  /** Number of the first entry delivered to it from the queue; those before it came with its history. */
  readonly from: number;
}

export class Listeners {
  readonly #listeners = new Set<Listener>();
  /** Entries not delivered yet, oldest first. */
  readonly #queue: Entry[] = [];
  /** Entries taken off the queue so far. */
  #takenCount = 0;
  #delivering = false;

  /** Gives `call` the entries of `history`, then those that follow. The function it returns ends that. */
  add(call: Listener['call'], history: Iterable<Entry>): () => void {
    const past = [...history];
    const listener: Listener = { call, from: this.#takenCount + this.#queue.length };
    this.#listeners.add(listener);
    const outermost = !this.#delivering;
    this.#delivering = true;
    for (const entry of past) if (this.#listeners.has(listener)) deliver(entry, listener);
    if (outermost) this.#deliverQueue();
    return () => this.#listeners.delete(listener);
  }

  deliver(entries: readonly Entry[]): void {
    this.#queue.push(...entries);
    if (!this.#delivering) this.#deliverQueue();
  }

  #deliverQueue(): void {
    this.#delivering = true;
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) {
      const number = this.#takenCount++;
      for (const listener of this.#listeners) if (number >= listener.from) deliver(entry, listener);
    }
    this.#delivering = false;
  }
}

function deliver(entry: Entry, { call }: Listener): void {
  try {
    call(entry);
  } catch (error) {
    warn('SANDTUNE_LISTENER', `a listener of tuner.watch() threw: ${messageOf(error)}`);
  }
}

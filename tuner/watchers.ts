/** Who is told of entries, in the order of the ledger, also when a listener causes further ones. */
import { messageOf } from '../src/foundation/errors.ts';
import type { Entry } from './entries.ts';

type Listener = (entry: Entry) => void;

export class Watchers {
  readonly #listeners = new Set<Listener>();
  readonly #untold: Entry[] = [];
  #telling = false;

  /** Tells `listener` what was before, then what comes. Returns the way to stop that. */
  add(listener: Listener, before: Iterable<Entry>): () => void {
    for (const entry of before) call(listener, entry);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(entries: readonly Entry[]): void {
    this.#untold.push(...entries);
    if (this.#telling) return;
    this.#telling = true;
    for (let entry = this.#untold.shift(); entry; entry = this.#untold.shift())
      for (const listener of this.#listeners) call(listener, entry);
    this.#telling = false;
  }
}

function call(listener: Listener, entry: Entry): void {
  try {
    listener(entry);
  } catch (error) {
    process.emitWarning(`a listener of tuner.watch() threw: ${messageOf(error)}`, 'SandtuneWarning');
  }
}

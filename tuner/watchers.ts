/** Who is told of entries: each listener of every entry once, in the order of the ledger, also when listeners cause further ones. */
import { messageOf } from '../src/foundation/errors.ts';
import type { Entry } from './entries/entries.ts';

interface Watcher {
  readonly listener: (entry: Entry) => void;
  /** Number of the first entry it is told of here; those before came with its `before`. */
  readonly from: number;
}

export class Watchers {
  readonly #watchers = new Set<Watcher>();
  readonly #untold: Entry[] = [];
  /** Entries told so far, or being told. */
  #told = 0;
  #telling = false;

  /** Tells `listener` what is in the ledger already, then what comes. Returns the way to stop that. */
  add(listener: Watcher['listener'], before: Iterable<Entry>): () => void {
    const past = [...before];
    const watcher: Watcher = { listener, from: this.#told + this.#untold.length };
    this.#watchers.add(watcher);
    const outermost = !this.#telling;
    this.#telling = true;
    for (const entry of past) if (this.#watchers.has(watcher)) call(watcher, entry);
    if (outermost) this.#tellAll();
    return () => this.#watchers.delete(watcher);
  }

  tell(entries: readonly Entry[]): void {
    this.#untold.push(...entries);
    if (!this.#telling) this.#tellAll();
  }

  #tellAll(): void {
    this.#telling = true;
    for (let entry = this.#untold.shift(); entry; entry = this.#untold.shift()) {
      const number = this.#told++;
      for (const watcher of this.#watchers) if (number >= watcher.from) call(watcher, entry);
    }
    this.#telling = false;
  }
}

function call({ listener }: Watcher, entry: Entry): void {
  try {
    listener(entry);
  } catch (error) {
    process.emitWarning(`a listener of tuner.watch() threw: ${messageOf(error)}`, 'SandtuneWarning');
  }
}

/** What is wrong with writing a store now, and the listeners that are called when it begins and when it is over. */

import { asMicrotask } from '../foundation/turns.ts';
import type { StoreError } from './store-error.ts';

export class Troubles {
  readonly #onTrouble = new Set<(error: StoreError) => void>();
  readonly #onHealed = new Set<() => void>();
  #now: StoreError | null = null;

  /** null while all is well. */
  get now(): StoreError | null {
    return this.#now;
  }

  /** Tells of the first of several that may heal, and once more of one that cannot, after which nothing is told. */
  began(error: StoreError): void {
    if (this.#now && (!this.#now.mayHeal || error.mayHeal)) return;
    this.#now = error;
    for (const listener of this.#onTrouble) heard(() => listener(error));
  }

  /** Something was written. */
  healed(): void {
    if (!this.#now?.mayHeal) return;
    this.#now = null;
    for (const listener of this.#onHealed) heard(listener);
  }

  /** A listener that is added while there is trouble hears of it too, after the turn in which it was added. */
  onTrouble(listener: (error: StoreError) => void): () => void {
    const own = (error: StoreError) => listener(error);
    this.#onTrouble.add(own);
    const before = this.#now;
    if (before)
      asMicrotask(() => {
        if (this.#now === before && this.#onTrouble.has(own)) heard(() => listener(before));
      });
    return () => this.#onTrouble.delete(own);
  }

  onHealed(listener: () => void): () => void {
    const own = () => listener();
    this.#onHealed.add(own);
    return () => this.#onHealed.delete(own);
  }

  /** Calls no listener from now on. */
  end(): void {
    this.#onTrouble.clear();
    this.#onHealed.clear();
  }
}

/** Calls a listener. One that throws keeps neither the other listeners nor the writer from going on. */
function heard(tell: () => void): void {
  try {
    tell();
  } catch {
    // The error of a listener is for its owner to see to.
  }
}

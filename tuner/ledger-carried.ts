/**
 * The cell of a ledger in which stands what the sessions of its executor leave to the next one: read in
 * one piece, whatever the ledger's size, and put again with the entries that change it. Where it is
 * missing or damaged, it is made anew from the rows of the newest sessions.
 */
import type { Cell } from '../src/store/row.ts';
import type { Entry } from './entries/entries.ts';
import { type CarryOver, carriedKinds, carryOverOf, extendCarryOver, nothingCarried } from './history.ts';
import { cellKeys } from './ledger-cells.ts';

export interface CarriedSource {
  /** The text of the cell; null when there is none. */
  readonly text: () => string | null;
  /** Entries of these kinds of the newest sessions, oldest first. */
  readonly history: (kinds: readonly string[], sessions: number) => Iterable<Entry>;
}

/** The host waits while they are read. */
const mostSessions = 20;

export class Carried {
  readonly #executor: string;
  readonly #source: CarriedSource;
  /** As of the last entry appended by this process; null before it was needed. */
  #known: CarryOver | null = null;

  constructor(executor: string, source: CarriedSource) {
    this.#executor = executor;
    this.#source = source;
  }

  /** @throws {StoreError} when the ledger cannot be read */
  read(): CarryOver {
    return carryOverOf(this.#source.text()) ?? this.#anew();
  }

  /** The cell to put with these entries; null when they change nothing of it. */
  cellAfter(entries: readonly Entry[]): Cell | null {
    const own = entries.filter((entry) => entry.kind !== 'session' || entry.executor === this.#executor);
    // Another process may have tuned since.
    if (own.some((entry) => entry.kind === 'session')) this.#known = null;
    const before = (this.#known ??= this.#readOrNothing());
    this.#known = own.reduce(extendCarryOver, before);
    if (this.#known === before) return null;
    return { subject: this.#executor, key: cellKeys.carried, value: JSON.stringify(this.#known) };
  }

  /** To append is no time to find out that the file cannot be read. */
  #readOrNothing(): CarryOver {
    try {
      return this.read();
    } catch {
      return nothingCarried;
    }
  }

  #anew(): CarryOver {
    let carried = nothingCarried;
    for (const entry of this.#source.history(carriedKinds, mostSessions)) carried = extendCarryOver(carried, entry);
    return carried;
  }
}

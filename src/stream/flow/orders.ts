/** What a record keeps its order among: its partition, its key within that, or nothing. */
import type { Ordering } from '../options.ts';
import type { FlowEntry, KeyPlace } from './entry.ts';
import { InOrder } from './in-order.ts';
import { type KeyOf, recordKey } from './record-key.ts';

type Leaves = (entry: FlowEntry) => void;

export class Orders {
  readonly #ordering: Ordering;
  readonly #keyOf: KeyOf | undefined;
  readonly #ofKey = new Map<string, InOrder<FlowEntry>>();

  constructor(ordering: Ordering, keyOf: KeyOf | undefined) {
    this.#ordering = ordering;
    this.#keyOf = keyOf;
  }

  /** It has come. @throws {SandtuneError} ERR_SANDTUNE_RECORD_FAILED where it has no key; it then keeps no order */
  came(entry: FlowEntry): void {
    if (this.#ordering !== 'key') return;
    const key = `${entry.partition}\0${recordKey(this.#keyOf as KeyOf, entry)}`;
    const order = this.#ofKey.get(key) ?? new InOrder();
    this.#ofKey.set(key, order);
    entry.keyPlace = { key, order, place: order.push(entry) };
  }

  /** Its results are there. @param leaves called for each record whose turn it is now */
  done(entry: FlowEntry, leaves: Leaves): void {
    if (this.#ordering === 'partition') return entry.from.leave(entry, leaves);
    const { keyPlace } = entry;
    if (keyPlace === null) return leaves(entry);
    keyPlace.order.done(keyPlace.place, leaves);
    this.#forget(keyPlace);
  }

  /** It has none, and nothing has to wait for it. */
  remove(entry: FlowEntry, leaves: Leaves): void {
    if (this.#ordering === 'partition') return entry.from.leave(entry, leaves);
    const { keyPlace } = entry;
    if (keyPlace === null) return;
    keyPlace.order.remove(keyPlace.place, leaves);
    this.#forget(keyPlace);
  }

  #forget({ key, order }: KeyPlace): void {
    if (order.first === undefined) this.#ofKey.delete(key);
  }
}

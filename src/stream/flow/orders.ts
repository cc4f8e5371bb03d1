/** What a record keeps its order among: its partition, its key within that, or nothing. */
import type { Ordering } from '../options.ts';
import type { FlowEntry } from './entry.ts';
import { InOrder, type OrderPlace } from './in-order.ts';
import { type KeyOf, recordKey } from './record-key.ts';

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
    if (this.#ordering === 'none') return;
    if (this.#ordering === 'partition') entry.order = entry.from.order;
    else {
      entry.key = `${entry.from.partition}\0${recordKey(this.#keyOf as KeyOf, entry)}`;
      entry.order = this.#ofKey.get(entry.key) ?? new InOrder();
      this.#ofKey.set(entry.key, entry.order);
    }
    entry.orderPlace = entry.order.push(entry);
  }

  /** Its results are there. @param leaves called for each record whose turn it is now */
  done(entry: FlowEntry, leaves: (entry: FlowEntry) => void): void {
    if (entry.order === null) return leaves(entry);
    entry.order.done(entry.orderPlace as OrderPlace<FlowEntry>, leaves);
    this.#forget(entry);
  }

  /** It has none, and nothing has to wait for it. */
  remove(entry: FlowEntry, leaves: (entry: FlowEntry) => void): void {
    if (entry.order === null) return;
    entry.order.remove(entry.orderPlace as OrderPlace<FlowEntry>, leaves);
    this.#forget(entry);
  }

  #forget({ key, order }: FlowEntry): void {
    if (key !== null && order?.first === undefined) this.#ofKey.delete(key);
  }
}

/**
 * A worker's instances, least recently used out first.
 *
 * The order remembers every guest ever asked for, with or without an instance, so a reference has
 * its LRU rank whatever the capacity: that is what a miss-ratio curve is drawn from. An instance is
 * kept up to rank `reserved`, but a hit at rank ≥ `capacity` is paid like a miss (the instance is made
 * anew): a trial can then flip the capacity both ways over contents that stay warm.
 */
import { messageOf } from '../../foundation/errors.ts';
import { guardImports } from '../module/imports.ts';
import { BindingFault } from './binding-fault.ts';
import type { Binding } from './bindings.ts';
import type { WorkerGuest } from './protocol.ts';

export type GuestCallable = (...args: unknown[]) => unknown;

interface Instance {
  readonly callables: readonly GuestCallable[];
  readonly exports: WebAssembly.Exports;
}

export class Instances {
  readonly #guests: readonly WorkerGuest[];
  readonly #bindings: readonly (Binding | undefined)[];
  readonly #instances: (Instance | undefined)[];
  /** Guests by recency, most recent first. */
  readonly #order: number[] = [];
  /** Of the last reference: LRU rank (−1 never seen), and whether a kept instance served it. */
  rank = -1;
  hit = false;

  constructor(guests: readonly WorkerGuest[], bindings: readonly (Binding | undefined)[]) {
    this.#guests = guests;
    this.#bindings = bindings;
    this.#instances = guests.map(() => undefined);
  }

  /**
   * The guest's functions, in the order the host listed them. Sets `rank` and `hit`.
   * @throws whatever the guest's start or its binding throws; the guest then has no instance
   */
  callables(guest: number, capacity: number, reserved: number): readonly GuestCallable[] {
    const rank = this.#order[0] === guest ? 0 : this.#order.indexOf(guest);
    const kept = this.#instances[guest];
    this.rank = rank;
    this.hit = kept !== undefined && rank < capacity;
    if (rank !== 0) this.#toFront(guest, rank);
    if (this.hit && kept) return kept.callables;
    this.#instances[guest] = undefined;
    this.evict(reserved);
    const made = this.create(guest);
    this.#instances[guest] = made;
    return made.callables;
  }

  /** Drops what stands beyond rank `reserved`. */
  evict(reserved: number): void {
    for (let rank = reserved; rank < this.#order.length; rank++)
      this.#instances[this.#order[rank] as number] = undefined;
  }

  /** After a trap nothing inside an instance can be relied on. */
  destroy(guest: number): void {
    this.#instances[guest] = undefined;
  }

  /** Bytes of exported memories; unexported ones cannot be seen. */
  guestBytes(): number {
    let bytes = 0;
    for (const instance of this.#instances) {
      if (!instance) continue;
      for (const value of Object.values(instance.exports)) {
        if (value instanceof WebAssembly.Memory) bytes += value.buffer.byteLength;
      }
    }
    return bytes;
  }

  /** A fresh instance outside the cache. */
  create(guest: number): Instance {
    const plan = this.#guests[guest] as WorkerGuest;
    const binding = this.#bindings[guest];
    const self: { exports?: WebAssembly.Exports } = {};
    const supplied = binding?.imports ? fromBinding(() => binding.imports?.(self) ?? {}) : {};
    const imports = guardImports(supplied, plan.allowImports) as WebAssembly.Imports;
    const instance = new WebAssembly.Instance(plan.module, imports);
    self.exports = instance.exports;
    const offered = binding ? fromBinding(() => binding.bind(instance.exports)) : instance.exports;
    const callables = plan.functions.map((name) => {
      const callable: unknown = Object.hasOwn(offered, name) ? offered[name] : undefined;
      if (typeof callable !== 'function') {
        throw new BindingFault(`${plan.name}: expected bind() to return a function '${name}', got ${typeof callable}`);
      }
      return callable as GuestCallable;
    });
    return { callables, exports: instance.exports };
  }

  #toFront(guest: number, rank: number): void {
    if (rank > 0) this.#order.splice(rank, 1);
    this.#order.unshift(guest);
  }
}

function fromBinding<T>(run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    throw new BindingFault(messageOf(thrown));
  }
}

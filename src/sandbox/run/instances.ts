/**
 * A worker's instances, least recently used out first.
 *
 * The order remembers every guest ever asked for, with or without an instance, so a reference has
 * its LRU rank whatever the capacity: that is what a miss-ratio curve is drawn from. An instance is
 * kept up to rank `reserved`, but a hit at rank ≥ `capacity` is paid like a miss (the instance is made
 * anew): a trial can then flip the capacity both ways over contents that stay warm.
 */
import { messageOf } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import { guardImports } from '../module/imports.ts';
import { BindingFault, isBindingFault } from './binding-fault.ts';
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
  /** What each guest imports; a guest that may import nothing imports nothing. */
  readonly #imports: readonly (readonly WebAssembly.ModuleImportDescriptor[])[];
  readonly #instances: (Instance | undefined)[];
  /** Guests by recency, most recent first. */
  readonly #order: number[] = [];
  /** Of the last reference: LRU rank (−1 never seen), and whether a kept instance served it. */
  rank = -1;
  hit = false;

  constructor(guests: readonly WorkerGuest[], bindings: readonly (Binding | undefined)[]) {
    this.#guests = guests;
    this.#bindings = bindings;
    this.#imports = guests.map(({ module, allowImports }) =>
      Object.keys(allowImports).length === 0 ? [] : WebAssembly.Module.imports(module),
    );
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

  /** A fresh instance outside the cache. @throws {BindingFault} where the binding is at fault */
  create(guest: number): Instance {
    const { functions, allowImports } = this.#guests[guest] as WorkerGuest;
    const binding = this.#bindings[guest];
    const self: { exports?: WebAssembly.Exports } = {};
    const imports = fromBinding('imports()', () => guardImports(binding?.imports?.(self) ?? {}, allowImports));
    const instance = this.#instantiate(guest, imports as WebAssembly.Imports);
    self.exports = instance.exports;
    const callables = binding
      ? fromBinding('bind()', () => pick(functions, binding.bind(instance.exports)))
      : pick(functions, instance.exports);
    return { callables, exports: instance.exports };
  }

  /** @throws {BindingFault} where an import was not supplied, or one of another type; else whatever the guest's start throws */
  #instantiate(guest: number, imports: WebAssembly.Imports): WebAssembly.Instance {
    for (const { module, name } of this.#imports[guest] ?? []) {
      if (imports[module]?.[name] === undefined)
        throw new BindingFault(
          `expected its binding to supply the import ${quoted(module)} ${quoted(name)}, got nothing`,
        );
    }
    try {
      return new WebAssembly.Instance((this.#guests[guest] as WorkerGuest).module, imports);
    } catch (thrown) {
      if (!(thrown instanceof WebAssembly.LinkError)) throw thrown;
      const message = `expected its binding to supply what the guest imports, got ${messageOf(thrown)}`;
      throw new BindingFault(message, { value: thrown });
    }
  }

  #toFront(guest: number, rank: number): void {
    if (rank > 0) this.#order.splice(rank, 1);
    this.#order.unshift(guest);
  }
}

function pick(names: readonly string[], offered: Readonly<Record<string, unknown>>): readonly GuestCallable[] {
  if (typeof offered !== 'object' || offered === null)
    throw new BindingFault(`expected bind() to return an object of functions, got ${quoted(offered)}`);
  return names.map((name) => {
    const callable: unknown = Object.hasOwn(offered, name) ? offered[name] : undefined;
    if (typeof callable === 'function') return callable as GuestCallable;
    throw new BindingFault(`expected bind() to return a function '${name}', got ${quoted(callable)}`);
  });
}

/** What `run` returns; whatever it throws is the binding's fault. */
function fromBinding<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (isBindingFault(thrown)) throw thrown;
    throw new BindingFault(`expected its binding's ${what} to return, but it threw ${messageOf(thrown)}`, {
      value: thrown,
    });
  }
}

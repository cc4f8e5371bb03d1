/**
 * Learns when piscina really hands a call to a worker, which it tells nobody. Its queue is not first
 * in, first out (a head that finds no free worker goes to the tail), so the moment cannot be inferred
 * from the order of answers. But `postMessage` reads the call's transfer list at exactly that moment:
 * a list that notes when it is iterated tells, and is otherwise the list it stands for.
 */

/** An array for piscina's `transferList` that calls `dispatched` when the call is posted. */
export function stampedList(list: readonly object[], dispatched: () => void): object[] {
  return new Proxy(list as object[], new Stamp(dispatched));
}

class Stamp implements ProxyHandler<object[]> {
  readonly #dispatched: () => void;

  constructor(dispatched: () => void) {
    this.#dispatched = dispatched;
  }

  get(list: object[], key: string | symbol): unknown {
    if (key === Symbol.iterator) this.#dispatched();
    // How piscina adds a value wrapped in Piscina.move().
    if (key === 'concat') return (...more: object[]) => stampedList(list.concat(...more), this.#dispatched);
    return Reflect.get(list, key);
  }
}

/** A binding that throws and returns what is hard to look at. */
import { threadId } from 'node:worker_threads';

export function bind(exports: WebAssembly.Exports) {
  const memory = exports['memory'] as WebAssembly.Memory;
  const kept = new Uint8Array(memory.buffer);
  const bytesSaying = (length: unknown) =>
    Object.defineProperty(new Uint8Array(20_000).fill(7), 'length', { value: length });
  return {
    who: () => threadId,
    throwBare: () => {
      throw Object.create(null);
    },
    throwUnreadable: () => {
      throw new Proxy(new Error('hidden'), { getPrototypeOf: refuse, get: refuse });
    },
    throwUnnamed: () => {
      throw Object.defineProperty(new Error('named'), 'name', { get: refuse });
    },
    returnListWithMethod: () => Object.assign([1], { f() {} }),
    returnSecret: () => new Uint8Array(20_000).fill(9),
    returnShortLength: () => bytesSaying(100),
    returnLongLength: () => bytesSaying(1e9),
    returnProxy: () => new Proxy({ a: 1 }, {}),
    returnGoneView: () => {
      memory.grow(1);
      return kept;
    },
  };
}

function refuse(): never {
  throw new Error('not to be read');
}

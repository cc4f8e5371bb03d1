import { expect, it } from 'vitest';
import { bytesOf, bytesOfAll, copyBytes, copyOfBytes } from '../../src/foundation/bytes.ts';

const given = Uint8Array.from({ length: 40_000 }, (_, index) => index * 7);

it('bytes are copied to the beginning of others, own and shared, and what stands behind them is left', () => {
  for (const from of [given, shared()]) {
    for (const to of [new Uint8Array(given.length + 3).fill(9), shared(given.length + 3).fill(9)]) {
      copyBytes(from, to);
      expect(to.slice(0, given.length)).toEqual(given);
      expect(to.slice(given.length)).toEqual(new Uint8Array([9, 9, 9]));
    }
  }
});

it('a copy has memory of its own, of exactly its length', () => {
  const part = shared().subarray(100, 30_000);
  const copied = copyOfBytes(part);
  expect(Object.getPrototypeOf(copied)).toBe(Uint8Array.prototype);
  expect([copied.byteOffset, copied.buffer.byteLength]).toEqual([0, part.length]);
  expect(copied).toEqual(given.slice(100, 30_000));
  part.fill(0);
  expect(copied[5]).toBe(given[105]);
});

it('the bytes of a view are those it has, whatever its class says', () => {
  class Odd extends Float64Array {
    override get byteLength(): number {
      return Number.NaN;
    }
  }
  const odd = Object.defineProperty(new DataView(new ArrayBuffer(9), 2), 'byteLength', { value: -1 });
  expect([new Odd(3), odd, Buffer.from('four'), 'text', 7, null, { byteLength: 5 }].map(bytesOf)).toEqual([
    24, 7, 4, 4, 0, 0, 0,
  ]);
  expect(bytesOfAll(['ab', new Uint8Array(3), 1])).toBe(5);
});

function shared(length = given.length): Uint8Array<SharedArrayBuffer> {
  const bytes = new Uint8Array(new SharedArrayBuffer(length));
  bytes.set(given);
  return bytes;
}

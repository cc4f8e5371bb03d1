import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copyBytes, copyOfBytes } from '../../src/foundation/copy-bytes.ts';

const kinds = {
  own: (bytes: number) => new Uint8Array(bytes),
  shared: (bytes: number) => new Uint8Array(new SharedArrayBuffer(bytes)),
  part: (bytes: number) => new Uint8Array(new ArrayBuffer(bytes + 9), 5, bytes),
};
const kind = fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[]));

it('copies what a loop over the bytes would, between memories of every kind, and nothing where it does not fit', () => {
  fc.assert(
    fc.property(
      fc.record({ source: kind, target: kind, length: fc.nat(300), room: fc.nat(300) }),
      fc.record({ at: fc.nat(300), start: fc.nat(300), bytes: fc.nat(300) }),
      ({ source, target, length, room }, { at, start, bytes }) => {
        const from = kinds[source](length).map((_, i) => i + 1);
        const shared = kinds[source](length);
        shared.set(from);
        const to = kinds[target](room);
        const fits = start + bytes <= length && at + bytes <= room;
        const run = () => copyBytes(shared, to, at, start, start + bytes);
        const expected = new Uint8Array(room);
        if (fits) {
          for (let i = 0; i < bytes; i++) expected[at + i] = from[start + i] as number;
          run();
        } else expect(run).toThrow(RangeError);
        expect([...to]).toEqual([...expected]);
      },
    ),
  );
});

it('a copy has memory of its own, of exactly its length', () => {
  const part = kinds.shared(40_000).fill(7).subarray(100, 30_000);
  const copied = copyOfBytes(part);
  expect(Object.getPrototypeOf(copied)).toBe(Uint8Array.prototype);
  expect([copied.byteOffset, copied.buffer.byteLength]).toEqual([0, part.length]);
  part.fill(0);
  expect(copied.every((byte) => byte === 7)).toBe(true);
});

const lies = [{ length: 3 }, { length: 1e9 }, { byteLength: 3 }, { byteLength: 1e9 }, { byteLength: Symbol('many') }];

it.each(lies)('bytes that say of themselves %o are copied whole, wherever they lie', (lie) => {
  for (const length of [20, 200, 20_000]) {
    const lying = Object.defineProperties(
      new Uint8Array(length).fill(7),
      Object.fromEntries(Object.entries(lie).map(([name, value]) => [name, { value }])),
    );
    const to = new Uint8Array(length + 1);
    copyBytes(lying, to, 1);
    expect(to).toEqual(new Uint8Array(length + 1).fill(7, 1));
    to.fill(0);
    copyBytes(lying, to, 0, 10, 19);
    expect(to).toEqual(new Uint8Array(length + 1).fill(7, 0, 9));
    expect(copyOfBytes(lying)).toEqual(new Uint8Array(length).fill(7));
    expect(() => copyBytes(lying, to, 2)).toThrow(RangeError);
  }
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RingMemory, ringBytes } from '../../../../src/sandbox/run/ring/byte-ring.ts';
import { sizeOf, ValueReader, writeValue } from '../../../../src/sandbox/run/ring/values.ts';

const capacityBytes = 64 * 1024;
const ring = new RingMemory(new SharedArrayBuffer(ringBytes(capacityBytes)), 0, capacityBytes);

/** What comes out at the other end of a frame with these values. */
function carried(values: readonly unknown[]): readonly unknown[] {
  let at = 8;
  for (const value of values) {
    const size = sizeOf(value);
    expect(size % 8).toBe(0);
    const next = writeValue(ring, at, value);
    expect(next - at).toBe(size);
    at = next;
  }
  const reader = new ValueReader(ring);
  reader.at = 8;
  const read = values.map(() => reader.read(at));
  expect(reader.at).toBe(at);
  return read;
}

const value = fc.oneof(
  fc.double(),
  fc.constantFrom(
    undefined,
    null,
    true,
    false,
    -0,
    Number.NaN,
    '',
    '\ud800',
    'a\udfff b',
    2n ** 63n - 1n,
    -(2n ** 63n),
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string({ unit: 'binary' }),
  fc.uint8Array(),
);

it('what stands in a frame comes out as structuredClone() would have it', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 12 }), (values) => {
      expect(carried(values)).toStrictEqual(structuredClone(values));
    }),
  );
});

it('bytes come out in a buffer of their own, also those of a small Buffer of Node', () => {
  const [read] = carried([Buffer.from('four')]) as [Uint8Array];
  expect(read).toStrictEqual(new Uint8Array(Buffer.from('four')));
  expect(read.buffer).toBeInstanceOf(ArrayBuffer);
  expect(read.buffer.byteLength).toBe(4);
});

it('what a frame cannot keep as it is, or what runs code of its own when it is read, is left to postMessage', () => {
  class Liar extends Uint8Array {
    override get byteLength(): number {
      return 1;
    }
  }
  const detached = new Uint8Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });
  const others = [
    2n ** 64n,
    -(2n ** 63n) - 1n,
    {},
    [],
    new Date(0),
    () => 1,
    Symbol('no'),
    new Float64Array(1),
    new ArrayBuffer(8),
    new Uint8Array(new SharedArrayBuffer(8)),
    new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })),
    detached,
    new Liar(8),
    Object.create(Uint8Array.prototype),
    new Proxy(new Uint8Array(8), {}),
  ];
  expect(others.map(sizeOf)).toEqual(others.map(() => -1));
});

it('bytes that say another length of themselves are taken as they are', () => {
  const bytes = Object.defineProperty(new Uint8Array([1, 2, 3]), 'byteLength', { value: 4000 });
  expect(carried([bytes])).toStrictEqual([new Uint8Array([1, 2, 3])]);
});

it('a forged value is read as some value or refused, and nothing beyond its frame is looked at', () => {
  const int = fc.oneof(fc.integer({ min: -2, max: 40 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  fc.assert(
    fc.property(fc.array(int, { minLength: 16, maxLength: 16 }), (ints) => {
      ring.ints.set(ints);
      const reader = new ValueReader(ring);
      const end = 64;
      try {
        while (reader.at < end) {
          const before = reader.at;
          reader.read(end);
          expect(reader.at).toBeGreaterThan(before);
          expect(reader.at).toBeLessThanOrEqual(end);
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_SANDTUNE_WORKER_LOST', message: expect.stringMatching(/^expected /) });
      }
    }),
  );
});

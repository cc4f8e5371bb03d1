import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Signature, ValueType } from '../../../../src/sandbox/module/describe-module.ts';
import { RingMemory, ringBytes } from '../../../../src/sandbox/run/ring/byte-ring.ts';
import { codecOf, type SignatureCodec } from '../../../../src/sandbox/run/ring/signature-codec.ts';

const capacityBytes = 64 * 1024;
const ring = new RingMemory(new SharedArrayBuffer(ringBytes(capacityBytes)), 0, capacityBytes);
const at = 24;

/** What may be given for a type, and what WebAssembly makes of it. */
const kinds: Readonly<
  Record<'i32' | 'i64' | 'f32' | 'f64', readonly [fc.Arbitrary<unknown>, (one: never) => unknown]>
> = {
  i32: [fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }), (one: number) => one | 0],
  i64: [fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (one: bigint) => BigInt.asIntN(64, one)],
  f32: [fc.double(), (one: number) => one],
  f64: [fc.double(), (one: number) => one],
};
type Kind = keyof typeof kinds;
const kind = fc.constantFrom(...(Object.keys(kinds) as Kind[]));
const filled = fc
  .array(kind, { maxLength: 6 })
  .chain((types) => fc.tuple(fc.constant(types), fc.tuple(...types.map((type) => kinds[type][0]))));
const seen = (types: readonly Kind[], values: readonly unknown[]) =>
  types.map((type, index) => kinds[type][1](values[index] as never));
const codec = (params: readonly ValueType[], results: readonly ValueType[] = []) =>
  codecOf({ params, results }) as SignatureCodec;

it('arguments of any signature come out as WebAssembly has them, and take a cell each', () => {
  fc.assert(
    fc.property(filled, ([types, values]) => {
      const { argumentBytes, argumentCount, writeArguments, readArgument } = codec(types);
      ring.bytes.fill(0xee);
      writeArguments(ring, at, values);
      expect([argumentCount, argumentBytes]).toEqual([types.length, 8 * types.length]);
      const given = types.map((_, index) => readArgument(ring, at, index));
      expect(given).toStrictEqual(seen(types, values));
      expect([ring.bytes[at - 1], ring.bytes[at + argumentBytes]]).toEqual([0xee, 0xee]);
    }),
  );
});

it('a result comes out as the export gave it: nothing, one, or several in a list', () => {
  fc.assert(
    fc.property(filled, ([types, values]) => {
      const { resultBytes, writeResult, readResult } = codec([], types);
      ring.bytes.fill(0xee);
      const wanted = seen(types, values);
      writeResult(ring, at, types.length > 1 ? wanted : wanted[0]);
      expect(readResult(ring, at)).toStrictEqual(types.length > 1 ? wanted : wanted[0]);
      expect([ring.bytes[at - 1], ring.bytes[at + resultBytes]]).toEqual([0xee, 0xee]);
    }),
  );
});

it('there is one for each signature, and none where a value cannot stand in a cell', () => {
  const signature: Signature = { params: ['i32', 'f64'], results: ['i64'] };
  expect(codecOf(signature)).toBe(codecOf(signature));
  expect(codecOf({ params: ['v128'], results: [] })).toBeNull();
  expect(codecOf({ params: [], results: ['i32', 'ref'] })).toBeNull();
});

/**
 * How the arguments and results of an export travel whose signature was read from its module's bytes: one cell of
 * 8 bytes each, one after the other, with no tag, for both sides know what it is.
 *
 *   i32            a signed integer; what is given beyond 2³¹ wraps, as WebAssembly has it
 *   i64            likewise, of 64 bits
 *   f32, f64       a float of 64 bits, as it was given: −0 and NaN too
 *
 * Made once for each signature, by either side. What is written was checked against the same signature before
 * (arguments.ts), or was returned by the export itself, so nothing is asked of a value here. Functions of bindings
 * have no signature: their values have tags (values.ts).
 */
import type { Signature, ValueType } from '../../module/describe-module.ts';
import { frameError, type RingMemory } from './byte-ring.ts';

const cellBytes = 8;

interface Cell {
  readonly write: (ring: RingMemory, at: number, value: unknown) => void;
  readonly read: (ring: RingMemory, at: number) => unknown;
}

const int: Cell = {
  write: ({ ints }, at, value) => {
    ints[at >> 2] = value as number;
  },
  read: ({ ints }, at) => ints[at >> 2],
};
const long: Cell = {
  write: ({ longs }, at, value) => {
    longs[at >> 3] = value as bigint;
  },
  read: ({ longs }, at) => longs[at >> 3],
};
const float: Cell = {
  write: ({ floats }, at, value) => {
    floats[at >> 3] = value as number;
  },
  read: ({ floats }, at) => floats[at >> 3],
};
const cells: Readonly<Partial<Record<ValueType, Cell>>> = { i32: int, i64: long, f32: float, f64: float };

export interface SignatureCodec {
  readonly argumentCount: number;
  readonly argumentBytes: number;
  readonly resultBytes: number;
  /** @param at where the first goes, in bytes from the beginning of the ring */
  readonly writeArguments: (ring: RingMemory, at: number, args: readonly unknown[]) => void;
  /** The argument at `index`, of those that begin at `at`. */
  readonly readArgument: (ring: RingMemory, at: number, index: number) => unknown;
  /** @param value what the export returned: nothing, a value, or of several an array */
  readonly writeResult: (ring: RingMemory, at: number, value: unknown) => void;
  readonly readResult: (ring: RingMemory, at: number) => unknown;
}

const made = new WeakMap<Signature, SignatureCodec>();

/** Of one signature always the same. @returns null where a value of it cannot stand in a cell */
export function codecOf(signature: Signature): SignatureCodec | null {
  const known = made.get(signature);
  if (known) return known;
  const params = cellsOf(signature.params);
  const results = cellsOf(signature.results);
  if (params === null || results === null) return null;
  const codec: SignatureCodec = {
    argumentCount: params.length,
    argumentBytes: params.length * cellBytes,
    resultBytes: results.length * cellBytes,
    writeArguments: listWriter(params),
    readArgument: (ring, at, index) => (params[index] as Cell).read(ring, at + index * cellBytes),
    writeResult: resultWriter(results),
    readResult: resultReader(results),
  };
  made.set(signature, codec);
  return codec;
}

/** @throws {SandtuneError} where the function has none, or its frame ends before its result does */
export function valueBySignature(codec: SignatureCodec | null, ring: RingMemory, at: number, end: number): unknown {
  if (codec === null || codec.resultBytes > end - at)
    throw frameError('a result of a function with a signature', `${end - at} bytes`);
  return codec.readResult(ring, at);
}

function cellsOf(types: readonly ValueType[]): readonly Cell[] | null {
  const found = types.flatMap((type) => cells[type] ?? []);
  return found.length === types.length ? found : null;
}

/** One and two, which most functions take, are written out. */
function listWriter(types: readonly Cell[]): SignatureCodec['writeArguments'] {
  const [first, second] = types;
  if (!first) return nothing;
  if (!second) return (ring, at, values) => first.write(ring, at, values[0]);
  if (types.length === 2)
    return (ring, at, values) => {
      first.write(ring, at, values[0]);
      second.write(ring, at + cellBytes, values[1]);
    };
  return (ring, at, values) => {
    for (let i = 0; i < types.length; i++) (types[i] as Cell).write(ring, at + i * cellBytes, values[i]);
  };
}

function resultWriter(types: readonly Cell[]): SignatureCodec['writeResult'] {
  const [first] = types;
  if (!first) return nothing;
  if (types.length === 1) return first.write;
  const write = listWriter(types);
  return (ring, at, value) => write(ring, at, value as readonly unknown[]);
}

function resultReader(types: readonly Cell[]): SignatureCodec['readResult'] {
  const [first] = types;
  if (!first) return nothing;
  if (types.length === 1) return first.read;
  return (ring, at) => types.map((type, index) => type.read(ring, at + index * cellBytes));
}

function nothing(): undefined {}

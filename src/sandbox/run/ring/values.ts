/**
 * Values as they stand in a frame: a tag and a length of 4 bytes each, then what the tag says, up to the
 * next multiple of 8.
 *
 *   undefined null false true       nothing
 *   number, bigint                  8 bytes; a bigint of more than 64 bits does not travel here
 *   text                            UTF-8; what is no well-formed text (lone surrogates) as UTF-16
 *   bytes                           of a Uint8Array, which comes out as one with a buffer of its own
 *   region                          where many bytes are that do not stand here (regions.ts): 16 bytes
 *
 * Everything else is for `postMessage`, and so is whatever could run code of its owner's while it is read.
 */
import { bufferOf, byteLengthOf } from '../../../foundation/bytes.ts';
import { copyOfBytes } from '../../../foundation/copy-bytes.ts';
import { frameError, type RingMemory } from './byte-ring.ts';
import { leaseOf, type RegionLease } from './region-lease.ts';
import { leastRegionBytes, type RegionReader, regionInts } from './regions.ts';

const tags = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  number: 5,
  bigint: 6,
  text: 7,
  wideText: 8,
  bytes: 9,
  region: 10,
} as const;

const cellBytes = 8;
const regionLength = 16;
/** Of a value that stands in a region, in its frame. */
export const regionValueBytes = cellBytes + regionLength;

/** The engine sees through constants of this module, and asks a view without a call. */
const [lengthOf, memoryOf] = [byteLengthOf, bufferOf];
/** As the memory itself has it; what else a buffer says of itself could be code that changes it. */
const [isResizable, isDetached] = (['resizable', 'detached'] as const).map(
  (name) => Reflect.getOwnPropertyDescriptor(ArrayBuffer.prototype, name)?.get,
) as [(this: unknown) => boolean, (this: unknown) => boolean];

/** Bytes the value takes in a frame, a multiple of 8; −1 where it cannot stand in one. */
export function sizeOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return 2 * cellBytes;
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 2 * cellBytes : -1;
    case 'string':
      return cellBytes + wholeCells(value.isWellFormed() ? Buffer.byteLength(value) : 2 * value.length);
    case 'undefined':
    case 'boolean':
      return cellBytes;
    case 'object':
      if (value === null) return cellBytes;
      return isPlainBytes(value) ? cellBytes + wholeCells(lengthOf.call(value)) : -1;
    default:
      return -1;
  }
}

/** How many bytes a value has that is for a region; −1 where it is for its frame, or for the port. */
export function regionBytesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || !isPlainBytes(value)) return -1;
  const length = lengthOf.call(value);
  return length >= leastRegionBytes ? length : -1;
}

/**
 * Writes in which region a value is.
 * @param at where, in bytes from the beginning of the ring
 * @returns where the next one goes
 */
export function writeRegionValue(
  { ints }: RingMemory,
  at: number,
  index: number,
  isNew: boolean,
  byteLength: number,
): number {
  const cell = at >> 2;
  ints[cell] = tags.region;
  ints[cell + 1] = regionLength;
  ints[cell + 2 + regionInts.index] = index;
  ints[cell + 2 + regionInts.isNew] = isNew ? 1 : 0;
  ints[cell + 2 + regionInts.byteLength] = byteLength;
  return at + regionValueBytes;
}

/**
 * Writes a value that `sizeOf` has measured.
 * @param at where, in bytes from the beginning of the ring
 * @returns where the next one goes
 */
export function writeValue({ ints, floats, longs, bytes }: RingMemory, at: number, value: unknown): number {
  const cell = at >> 2;
  switch (typeof value) {
    case 'number':
      ints[cell] = tags.number;
      ints[cell + 1] = 8;
      floats[(at >> 3) + 1] = value;
      return at + 2 * cellBytes;
    case 'bigint':
      ints[cell] = tags.bigint;
      ints[cell + 1] = 8;
      longs[(at >> 3) + 1] = value;
      return at + 2 * cellBytes;
    case 'string': {
      const isText = value.isWellFormed();
      const length = isText ? Buffer.byteLength(value) : 2 * value.length;
      bytes.write(value, at + cellBytes, length, isText ? 'utf8' : 'utf16le');
      ints[cell] = isText ? tags.text : tags.wideText;
      ints[cell + 1] = length;
      return at + cellBytes + wholeCells(length);
    }
    case 'object': {
      ints[cell + 1] = 0;
      if (value === null) {
        ints[cell] = tags.null;
        return at + cellBytes;
      }
      const length = lengthOf.call(value);
      bytes.set(value as Uint8Array, at + cellBytes);
      ints[cell] = tags.bytes;
      ints[cell + 1] = length;
      return at + cellBytes + wholeCells(length);
    }
    default:
      ints[cell] = value === undefined ? tags.undefined : value === true ? tags.true : tags.false;
      ints[cell + 1] = 0;
      return at + cellBytes;
  }
}

/** Where bytes go that are read, in place of fresh memory. */
export interface BytesPlace {
  /** @param bytes that are others' again once this returns */
  take(bytes: Uint8Array): unknown;
  /** True where it would rather have a region itself. */
  readonly leases: boolean;
  /** @param lease of the region with the bytes, which is no others' before its release */
  takeLease(lease: RegionLease): unknown;
}

/** For bytes that nobody waits for any more. */
export const nowhere: BytesPlace = { leases: false, take: () => undefined, takeLease: () => undefined };

/** Reads values one after the other. What it gives shares nothing with the ring. */
export class ValueReader {
  readonly #ring: RingMemory;
  readonly #regions: RegionReader | null;
  /** Where the next value begins, in bytes from the beginning of the ring. */
  at = 0;
  /** Where bytes go; null: each into memory of its own. */
  place: BytesPlace | null = null;

  /** @param regions where values may stand in some */
  constructor(ring: RingMemory, regions: RegionReader | null = null) {
    this.#ring = ring;
    this.#regions = regions;
  }

  /**
   * @param end where its frame ends
   * @throws {SandtuneError} when what is there is no value, or does not end within the frame
   */
  read(end: number): unknown {
    const { ints, floats, longs, bytes } = this.#ring;
    const { at } = this;
    if (at + cellBytes > end) throw frameError('a value within its frame', `the end at ${end}`);
    const tag = ints[at >> 2] as number;
    const length = ints[(at >> 2) + 1] as number;
    const from = at + cellBytes;
    const next = from + wholeCells(length);
    if (length < 0 || length > end - from || next > end)
      throw frameError('a value within its frame', `${length} bytes`);
    this.at = next;
    switch (tag) {
      case tags.number:
        if (length === 8) return floats[from >> 3];
        break;
      case tags.bigint:
        if (length === 8) return longs[from >> 3];
        break;
      case tags.text:
        return bytes.toString('utf8', from, from + length);
      case tags.wideText:
        return bytes.toString('utf16le', from, from + length);
      case tags.bytes:
        return this.#placed(bytes.subarray(from, from + length));
      case tags.region:
        if (length === regionLength && this.#regions !== null) return this.#inRegion(this.#regions, from >> 2);
        break;
      default:
        if (length !== 0) break;
        if (tag === tags.undefined) return undefined;
        if (tag === tags.null) return null;
        if (tag === tags.true || tag === tags.false) return tag === tags.true;
    }
    throw frameError('a value', `the tag ${tag} with ${length} bytes`);
  }

  #inRegion(regions: RegionReader, cell: number): unknown {
    const { ints } = this.#ring;
    const { place } = this;
    const index = ints[cell + regionInts.index] as number;
    const byteLength = ints[cell + regionInts.byteLength] as number;
    const region = regions.open(index, ints[cell + regionInts.isNew] as number, byteLength);
    if (place?.leases === true) return place.takeLease(leaseOf(region, regions.freeing, index, byteLength));
    const value = this.#placed(region.bytes.subarray(0, byteLength));
    regions.free(index);
    return value;
  }

  #placed(shared: Uint8Array): unknown {
    return this.place === null ? copyOfBytes(shared) : this.place.take(shared);
  }
}

function wholeCells(bytes: number): number {
  // Not by bits, which are 32: bytes may be 2^32 and more.
  return Math.ceil(bytes / 8) * 8;
}

/** A Uint8Array, or a Buffer, whose bytes are all that cloning it would keep. */
function isPlainBytes(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Uint8Array.prototype && prototype !== Buffer.prototype) return false;
  // A proxy, or an object made with that prototype, has no such length.
  if (!ArrayBuffer.isView(value)) return false;
  const buffer = memoryOf.call(value);
  return buffer instanceof ArrayBuffer && !isResizable.call(buffer) && !isDetached.call(buffer);
}

/** Records that each have their length, an unsigned integer, before them. */
import { SandtuneError } from '../../foundation/errors.ts';
import { checkKeys, checkOneOf, expected } from '../../foundation/options.ts';
import type { FrameReader, Framing, TakeFrame } from './framing.ts';
import { PartialRecord } from './partial-record.ts';

export interface LengthPrefixedOptions {
  /** Bytes of the length: 1, 2 or 4. @defaultValue 4 */
  readonly prefixBytes?: 1 | 2 | 4;
  /** The order of its bytes. @defaultValue 'big', the order of the network */
  readonly endian?: 'big' | 'little';
}

interface Prefix {
  readonly bytes: number;
  readonly isLittle: boolean;
}

const nothing = new Uint8Array(0);

/**
 * Records that each stand behind their length, which is not part of them.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function lengthPrefixed(options: LengthPrefixedOptions = {}): Framing {
  checkKeys('lengthPrefixed()', options, ['prefixBytes', 'endian']);
  const bytes = options.prefixBytes ?? 4;
  if (![1, 2, 4].includes(bytes)) throw expected('prefixBytes', '1, 2 or 4', bytes);
  const endian = checkOneOf('endian', options.endian ?? 'big', ['big', 'little']);
  const prefix: Prefix = { bytes, isLittle: endian === 'little' };
  return Object.freeze({
    name: `lengthPrefixed(${bytes}, ${endian})`,
    reader: (maxRecordBytes: number) => new LengthPrefixedReader(prefix, maxRecordBytes),
    around: (recordBytes: number) => ({ before: written(prefix, recordBytes), after: nothing }),
  });
}

function written({ bytes, isLittle }: Prefix, length: number): Uint8Array {
  const most = 2 ** (8 * bytes) - 1;
  if (length > most) {
    const message = `lengthPrefixed(): expected at most ${most} bytes behind a length of ${bytes} bytes, got ${length}`;
    throw new SandtuneError('ERR_SANDTUNE_FRAMING', message);
  }
  const before = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) before[isLittle ? i : bytes - 1 - i] = (length >>> (8 * i)) & 255;
  return before;
}

class LengthPrefixedReader implements FrameReader {
  readonly #prefix: Prefix;
  readonly #partial: PartialRecord;
  #prefixSeen = 0;
  #length = 0;

  constructor(prefix: Prefix, maxRecordBytes: number) {
    this.#prefix = prefix;
    this.#partial = new PartialRecord(maxRecordBytes);
  }

  get heldBytes(): number {
    return this.#partial.heldBytes;
  }

  push(piece: Uint8Array, start: number, take: TakeFrame): number {
    const { bytes: prefixBytes } = this.#prefix;
    let from = start;
    for (;;) {
      while (this.#prefixSeen < prefixBytes) {
        if (from === piece.length) return from;
        this.#addToLength(piece[from++] as number);
      }
      const to = from + this.#length - this.#partial.byteLength;
      if (to > piece.length) {
        this.#partial.add(piece.subarray(from));
        return piece.length;
      }
      const { bytes, tooLong } = this.#partial.end(piece.subarray(from, to));
      const frameBytes = prefixBytes + this.#length;
      from = to;
      this.#prefixSeen = 0;
      this.#length = 0;
      if (!take(bytes, frameBytes, tooLong)) return from;
    }
  }

  #addToLength(byte: number): void {
    const { bytes, isLittle } = this.#prefix;
    const shift = isLittle ? this.#prefixSeen : bytes - 1 - this.#prefixSeen;
    this.#length += byte * 2 ** (8 * shift);
    this.#prefixSeen++;
  }

  end(): void {
    if (this.#prefixSeen === 0) return;
    const { bytes } = this.#prefix;
    const got =
      this.#prefixSeen < bytes
        ? `${this.#prefixSeen} of the ${bytes} bytes of a length`
        : `${this.#partial.byteLength} of ${this.#length} bytes`;
    throw new SandtuneError('ERR_SANDTUNE_FRAMING', `lengthPrefixed(): expected a whole record at the end, got ${got}`);
  }
}

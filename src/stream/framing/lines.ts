/**
 * Records that each end in one byte: lines. The last one of a source need not have it. A carriage return
 * belongs to its record, so that what is read and written unchanged is the same to the byte.
 */
import { checkInteger, checkKeys } from '../../foundation/options.ts';
import type { FrameReader, Framing, TakeFrame } from './framing.ts';
import { PartialRecord } from './partial-record.ts';

export interface LinesOptions {
  /** The byte that ends a record, 0 to 255. @defaultValue 10, a line feed */
  readonly delimiter?: number;
}

const nothing = new Uint8Array(0);

/**
 * Records that each end with one byte, which is not part of them; the last one may do without.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function lines(options: LinesOptions = {}): Framing {
  checkKeys('lines()', options, ['delimiter']);
  const delimiter = checkInteger('delimiter', options.delimiter ?? 10, { min: 0, max: 255 });
  const around = Object.freeze({ before: nothing, after: Uint8Array.of(delimiter) });
  return Object.freeze({
    name: delimiter === 10 ? 'lines' : `lines(${delimiter})`,
    reader: (maxRecordBytes: number) => new LineReader(delimiter, maxRecordBytes),
    around: () => around,
  });
}

class LineReader implements FrameReader {
  readonly #delimiter: number;
  readonly #partial: PartialRecord;

  constructor(delimiter: number, maxRecordBytes: number) {
    this.#delimiter = delimiter;
    this.#partial = new PartialRecord(maxRecordBytes);
  }

  get heldBytes(): number {
    return this.#partial.heldBytes;
  }

  push(piece: Uint8Array, start: number, take: TakeFrame): number {
    let from = start;
    for (let at = piece.indexOf(this.#delimiter, from); at >= 0; at = piece.indexOf(this.#delimiter, from)) {
      const { bytes, byteLength, tooLong } = this.#partial.end(piece.subarray(from, at));
      from = at + 1;
      if (!take(bytes, byteLength + 1, tooLong)) return from;
    }
    if (from < piece.length) this.#partial.add(piece.subarray(from));
    return piece.length;
  }

  end(take: TakeFrame): void {
    if (this.#partial.byteLength === 0) return;
    const { bytes, byteLength, tooLong } = this.#partial.end(nothing);
    take(bytes, byteLength, tooLong);
  }
}

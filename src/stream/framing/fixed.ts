/** Records of one length, with nothing between them. */
import { SandtuneError } from '../../foundation/errors.ts';
import { checkInteger } from '../../foundation/options.ts';
import type { FrameReader, Framing, TakeFrame } from './framing.ts';
import { PartialRecord } from './partial-record.ts';

const around = Object.freeze({ before: new Uint8Array(0), after: new Uint8Array(0) });

/**
 * Records of one length each, with nothing between them; a last one that is shorter is an error of framing.
 * @param recordBytes 1 to 2^30
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function fixed(recordBytes: number): Framing {
  checkInteger('fixed(): recordBytes', recordBytes, { min: 1, max: 2 ** 30 });
  return Object.freeze({
    name: `fixed(${recordBytes})`,
    reader: (maxRecordBytes: number) => new FixedReader(recordBytes, maxRecordBytes),
    around: () => around,
  });
}

class FixedReader implements FrameReader {
  readonly #recordBytes: number;
  readonly #partial: PartialRecord;

  constructor(recordBytes: number, maxRecordBytes: number) {
    this.#recordBytes = recordBytes;
    this.#partial = new PartialRecord(maxRecordBytes);
  }

  get heldBytes(): number {
    return this.#partial.heldBytes;
  }

  push(piece: Uint8Array, start: number, take: TakeFrame): number {
    let from = start;
    while (from < piece.length) {
      const to = from + this.#recordBytes - this.#partial.byteLength;
      if (to > piece.length) {
        this.#partial.add(piece.subarray(from));
        break;
      }
      const { bytes, tooLong } = this.#partial.end(piece.subarray(from, to));
      from = to;
      if (!take(bytes, this.#recordBytes, tooLong)) return from;
    }
    return piece.length;
  }

  end(): void {
    const { byteLength } = this.#partial;
    if (byteLength === 0) return;
    const message = `fixed(${this.#recordBytes}): expected a multiple of ${this.#recordBytes} bytes, got ${byteLength} at the end`;
    throw new SandtuneError('ERR_SANDTUNE_FRAMING', message);
  }
}

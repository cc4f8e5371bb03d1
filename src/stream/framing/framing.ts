/** The contract of a framing: how records are cut out of bytes, and put into them. */

/** How records lie in a source of bytes, and in a sink of bytes. */
export interface Framing {
  readonly name: string;
  /** A reader for one partition, from the beginning of a record. @param maxRecordBytes longer ones are told as `tooLong` */
  reader(maxRecordBytes: number): FrameReader;
  /** What stands before and after a record of this many bytes. Constant and empty arrays are fine. */
  around(recordBytes: number): { readonly before: Uint8Array; readonly after: Uint8Array };
}

/**
 * Cuts pieces into frames. It holds at most one incomplete record, of at most `maxRecordBytes`: of one
 * that is longer the rest is passed over, not kept.
 */
export interface FrameReader {
  /**
   * Calls `take` for each record that ends in `piece` from index `from` on, in order, until one says false.
   * @returns where it stopped: the length of the piece, or the end of the record of which `take` said false
   * @throws {SandtuneError} ERR_SANDTUNE_FRAMING
   */
  push(piece: Uint8Array, from: number, take: TakeFrame): number;
  /** The source has ended. @throws {SandtuneError} ERR_SANDTUNE_FRAMING where it ends inside a record */
  end(take: TakeFrame): void;
  /** Bytes of a record that has not ended yet and are kept. */
  readonly heldBytes: number;
}

/**
 * @param bytes of the record; of one that is too long its first bytes, at most 1 KiB
 * @param frameBytes that it takes in the source, with all that is around it; at least 1
 * @returns false: this is the last one that there is room for
 */
export type TakeFrame = (bytes: Uint8Array, frameBytes: number, tooLong: boolean) => boolean;

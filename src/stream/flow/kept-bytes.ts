/**
 * Keeps small results from holding large memory. A record is a part of the piece that it was read in, and what a
 * function gives back may be a part of that too. Where all records of a piece stay that costs nothing; where a
 * function leaves most of them out, or most are dropped, each that stays would hold a whole piece of memory, of which
 * the credits count a few bytes. Pure but for the copies.
 */
import { copyOfBytes } from '../../foundation/copy-bytes.ts';

/** A part that is at least this share of its memory need not be copied. */
const ownShare = 0.25;
/** Bytes after which what was before counts half. */
const halfLifeBytes = 2 ** 20;

/** What became of records lately, by their bytes. */
export class KeptShare {
  #kept = 0;
  #leftOut = 0;

  leftOut(bytes: number): void {
    this.#leftOut += bytes;
    this.#forget();
  }

  kept(bytes: number): void {
    this.#kept += bytes;
    this.#forget();
  }

  /** Less stays than is left out. */
  get isSmall(): boolean {
    return this.#kept < this.#leftOut;
  }

  #forget(): void {
    if (this.#kept + this.#leftOut < halfLifeBytes) return;
    this.#kept /= 2;
    this.#leftOut /= 2;
  }
}

/** The same bytes in memory of their own, or as they are where they are a large part of theirs. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return isLargePart(bytes.length, bytes.buffer.byteLength) ? bytes : copyOfBytes(bytes);
}

export function isLargePart(bytes: number, ofBytes: number): boolean {
  return bytes >= ownShare * ofBytes;
}

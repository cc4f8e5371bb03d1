/**
 * Copies bytes between memories of any kind. `set()` copies what is shared between threads word by word, as atomics
 * ask for, at two thirds of the speed of `Buffer`'s copy, and wants a view of its own for a part of an array. How long
 * an array is it is not asked itself, nor by `Buffer`'s copy, which would copy fewer bytes, or throw.
 */
import { byteLengthOf, viewOf } from './bytes.ts';

/** Of fewer bytes the call costs more than `set()` does. */
const fewBytes = 64;
/** To fill fewer bytes with zeros costs less than to make memory that is not. */
const fewZeros = 16 * 1024;
const copy = Buffer.prototype.copy;

/** The engine sees through a constant of this module, and asks the array without a call. */
const lengthOf = byteLengthOf;

/**
 * Copies `from[start…end)` to `to`, at `at`. O(bytes), no allocation from 64 bytes on.
 * @param from anybody's
 * @param to our own, which says of itself what is so
 * @param end the length of `from` where it is left out
 * @throws {RangeError} where either array is shorter than that, with nothing copied
 */
export function copyBytes(from: Uint8Array, to: Uint8Array, at: number, start = 0, end?: number): void {
  const length = lengthOf.call(from);
  const last = end ?? length;
  const bytes = last - start;
  if (start < 0 || bytes < 0 || last > length || at < 0 || at + bytes > to.length)
    throw new RangeError(
      `expected ${bytes} bytes from ${start} of ${length} to fit at ${at} of ${to.length}, got too few`,
    );
  if (bytes < fewBytes) to.set(bytes === length ? from : from.subarray(start, last), at);
  else copy.call(from.byteLength === length ? from : viewOf(from), to, at, start, last);
}

/** The same bytes in memory of their own, which is not shared with anyone. */
export function copyOfBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const byteLength = lengthOf.call(bytes);
  if (byteLength < fewZeros) return new Uint8Array(bytes);
  const copied = new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer);
  copyBytes(bytes, copied, 0);
  return copied;
}

/**
 * Copies bytes between memories of any kind. `set()` copies what is shared between threads word by word, as atomics
 * ask for, at two thirds of the speed of `Buffer`'s copy, and wants a view of its own for a part of an array.
 */

/** Of fewer bytes the call costs more than `set()` does. */
const fewBytes = 64;
const copy = Buffer.prototype.copy;

/**
 * Copies `from[start…end)` to `to`, at `at`. O(bytes), no allocation from 64 bytes on.
 * @throws {RangeError} where either array is shorter than that, with nothing copied
 */
export function copyBytes(from: Uint8Array, to: Uint8Array, at: number, start = 0, end = from.length): void {
  const bytes = end - start;
  if (start < 0 || bytes < 0 || end > from.length || at < 0 || at + bytes > to.length)
    throw new RangeError(
      `expected ${bytes} bytes from ${start} of ${from.length} to fit at ${at} of ${to.length}, got too few`,
    );
  if (bytes < fewBytes) to.set(bytes === from.length ? from : from.subarray(start, end), at);
  else copy.call(from, to, at, start, end);
}

/** The same bytes in memory of their own, which is not filled with zeros first. */
export function copyOfBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = Buffer.allocUnsafeSlow(bytes.length);
  const copied = new Uint8Array(buffer);
  copyBytes(bytes, copied, 0);
  return copied;
}

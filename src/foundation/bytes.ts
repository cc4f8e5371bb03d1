import { isDataView } from 'node:util/types';

/** As the view itself has it: a class that extends one may say anything, or throw. */
const [ofTypedArray, ofDataView] = [Object.getPrototypeOf(Uint8Array.prototype) as object, DataView.prototype].map(
  (prototype) => Reflect.getOwnPropertyDescriptor(prototype, 'byteLength')?.get as (this: unknown) => number,
) as [(this: unknown) => number, (this: unknown) => number];

/** Bytes of a text, counted in characters, or of a view; numbers and structure are not counted. O(1). */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || !ArrayBuffer.isView(value)) return 0;
  return isDataView(value) ? ofDataView.call(value) : ofTypedArray.call(value);
}

/** Of all of them together; 0 where they cannot be read. Never throws. */
export function bytesOfAll(values: readonly unknown[]): number {
  try {
    return values.reduce<number>((sum, value) => sum + bytesOf(value), 0);
  } catch {
    return 0;
  }
}

const { copy } = Buffer.prototype;

/**
 * Copies all of `from` to the beginning of `to`, which has room for them. Shared memory is copied as any other: by
 * TypedArray's own `set` it is word by word, and 64 KiB take 2.0 rather than 1.3 µs.
 */
export function copyBytes(from: Uint8Array, to: Uint8Array): void {
  copy.call(from, to);
}

/** The same bytes in memory of their own, which is not filled with zeros first. */
export function copyOfBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = Buffer.allocUnsafeSlow(bytes.length);
  const copied = new Uint8Array(buffer);
  copyBytes(bytes, copied);
  return copied;
}

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

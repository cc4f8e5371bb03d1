/**
 * Lengths and memory of views as the views themselves have them. Those of others may say anything: an own property
 * or a class that extends theirs stands before what the platform has, and may throw.
 */
import { isDataView, isTypedArray } from 'node:util/types';

type Of<T> = (this: unknown) => T;

function ofItself<T>(prototype: object, name: keyof ArrayBufferView): Of<T> {
  return Reflect.getOwnPropertyDescriptor(prototype, name)?.get as Of<T>;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
/** Of a typed array, called with it. @throws {TypeError} where it is none; likewise below */
export const byteLengthOf = ofItself<number>(typedArray, 'byteLength');
export const byteOffsetOf = ofItself<number>(typedArray, 'byteOffset');
export const bufferOf = ofItself<ArrayBufferLike>(typedArray, 'buffer');
const dataViewLength = ofItself<number>(DataView.prototype, 'byteLength');
const dataViewOffset = ofItself<number>(DataView.prototype, 'byteOffset');
const dataViewBuffer = ofItself<ArrayBufferLike>(DataView.prototype, 'buffer');

/** Bytes of a text, counted in characters, or of a view; numbers and structure are not counted. O(1). */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || !ArrayBuffer.isView(value)) return 0;
  return isDataView(value) ? dataViewLength.call(value) : byteLengthOf.call(value);
}

/** Of all of them together; 0 where they cannot be read. Never throws. */
export function bytesOfAll(values: readonly unknown[]): number {
  try {
    return values.reduce<number>((sum, value) => sum + bytesOf(value), 0);
  } catch {
    return 0;
  }
}

/** What a view lies in. O(1). */
export function memoryOf(view: ArrayBufferView): ArrayBufferLike {
  return isDataView(view) ? dataViewBuffer.call(view) : bufferOf.call(view);
}

/** What a view shows, as a view that nobody has changed. @throws {TypeError} where its memory is gone */
export function viewOf(view: ArrayBufferView): Uint8Array {
  return isTypedArray(view)
    ? new Uint8Array(bufferOf.call(view), byteOffsetOf.call(view), byteLengthOf.call(view))
    : new Uint8Array(dataViewBuffer.call(view), dataViewOffset.call(view), dataViewLength.call(view));
}

/** The bytes as they are, or another view of them where what they say of themselves is not so. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  const byteLength = byteLengthOf.call(bytes);
  const isSo =
    bytes.length === byteLength &&
    bytes.byteLength === byteLength &&
    bytes.byteOffset === byteOffsetOf.call(bytes) &&
    bytes.buffer === bufferOf.call(bytes);
  return isSo ? bytes : viewOf(bytes);
}

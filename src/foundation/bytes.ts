/** Bytes of a text, counted in characters, or of a view; numbers and structure are not counted. O(1). */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null && ArrayBuffer.isView(value) ? value.byteLength : 0;
}

/** Of all of them together; 0 where they cannot be read. Never throws. */
export function bytesOfAll(values: readonly unknown[]): number {
  try {
    return values.reduce<number>((sum, value) => sum + bytesOf(value), 0);
  } catch {
    return 0;
  }
}

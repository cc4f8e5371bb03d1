/** A binding that results in bytes, many enough to travel in shared memory. */

export function bind() {
  const bytes = new Uint8Array(20_000);
  return { bytes: () => bytes };
}

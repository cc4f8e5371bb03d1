/** Gives a record back: what a pool's task costs when its work costs nothing. */
export default function same(record: Uint8Array): Uint8Array {
  return record;
}

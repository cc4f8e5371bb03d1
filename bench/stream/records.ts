/** Lists of records, as a source reads them. */
import { systemClock } from '../../src/foundation/clock.ts';

/** Records that come at once. */
const pieceBytes = 65_536;

export function listOf(recordBytes: number): Uint8Array[] {
  const count = Math.max(1, Math.floor(pieceBytes / recordBytes));
  return Array.from({ length: count }, (_, i) => new Uint8Array(recordBytes).fill(i));
}

/** The same list again and again until the time is over. */
export function* recordsFor(ms: number, recordBytes: number): Generator<Uint8Array[]> {
  const endMs = systemClock.now() + ms;
  const records = listOf(recordBytes);
  while (systemClock.now() < endMs) yield records;
}

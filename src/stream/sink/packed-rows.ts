/** Records on their way to the thread of a database: two buffers, which go over, and come back to be used again. */
import type { OutputRecord } from '../contracts.ts';

export interface PackedRows {
  readonly count: number;
  /** Of all records, one behind the other. */
  readonly bytes: ArrayBuffer;
  /** As float64, `count` each: where each ends in `bytes`, its offset, its weight. */
  readonly numbers: ArrayBuffer;
  /** Partitions of neighbours, and the index at which the next one begins. */
  readonly partitions: readonly { readonly partition: string; readonly endIndex: number }[];
}

export type RowBuffers = Pick<PackedRows, 'bytes' | 'numbers'>;

const smallestBytes = 65_536;

/** @param spare of an earlier one; new buffers are made where they are too small, of a power of two */
export function packRows(records: readonly OutputRecord[], spare: RowBuffers | undefined): PackedRows {
  const count = records.length;
  let byteLength = 0;
  for (const { bytes } of records) byteLength += bytes.length;
  const bytes = roomFor(byteLength, spare?.bytes);
  const numbers = roomFor(3 * count * Float64Array.BYTES_PER_ELEMENT, spare?.numbers);
  const all = new Uint8Array(bytes);
  const values = new Float64Array(numbers, 0, 3 * count);
  const partitions: { partition: string; endIndex: number }[] = [];
  let [end, last] = [0, partitions[0]];
  for (let i = 0; i < count; i++) {
    const record = records[i] as OutputRecord;
    all.set(record.bytes, end);
    end += record.bytes.length;
    values[i] = end;
    values[count + i] = record.offset;
    values[2 * count + i] = record.weight;
    if (last?.partition === record.partition) last.endIndex = i + 1;
    else partitions.push((last = { partition: record.partition, endIndex: i + 1 }));
  }
  return { count, bytes, numbers, partitions };
}

function roomFor(byteLength: number, spare: ArrayBuffer | undefined): ArrayBuffer {
  if (spare && spare.byteLength >= byteLength) return spare;
  return new ArrayBuffer(Math.max(smallestBytes, 2 ** Math.ceil(Math.log2(Math.max(1, byteLength)))));
}

/** @param take called for each in order; the bytes lie in the buffer */
export function eachRow(
  { count, bytes, numbers, partitions }: PackedRows,
  take: (partition: string, offset: number, weight: number, bytes: Uint8Array) => void,
): void {
  const values = new Float64Array(numbers, 0, 3 * count);
  let [i, from] = [0, 0];
  for (const { partition, endIndex } of partitions)
    for (; i < endIndex; i++) {
      const end = values[i] as number;
      take(
        partition,
        values[count + i] as number,
        values[2 * count + i] as number,
        new Uint8Array(bytes, from, end - from),
      );
      from = end;
    }
}

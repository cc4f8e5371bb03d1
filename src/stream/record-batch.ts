/**
 * Many records as one argument of one call, and their results as one value: the bytes of all of them one
 * behind the other, and where each ends. Record i is bytes from ends[i − 1] (0 for the first) to ends[i].
 */
import { isUint32Array } from 'node:util/types';
import { byteLengthOf, plainBytes } from '../foundation/bytes.ts';
import { copyBytes } from '../foundation/copy-bytes.ts';
import { SandtuneError } from '../foundation/errors.ts';
import { areBytes } from '../foundation/foreign-values.ts';
import { quoted } from '../foundation/options.ts';

export interface RecordBatch {
  readonly bytes: Uint8Array;
  /** length = records; ascending */
  readonly ends: Uint32Array;
}

/**
 * A batch in memory that host and worker share, for `takes: 'shared'`. Results that fit go `into` it, one
 * behind the other, and `bytes` of the answer is then their number; where they do not, `bytes` are they.
 */
export interface SharedBatch extends RecordBatch {
  readonly into: Uint8Array;
}

/** One result a record, in the same order. */
export interface BatchResult extends RecordBatch {
  /** Records without a result, whose range in `bytes` is then empty. @defaultValue none */
  readonly without?: readonly number[];
  /** Records that failed, each with a message. The others of the batch are not called again. @defaultValue none */
  readonly failed?: readonly { readonly index: number; readonly message: string }[];
}

/** What became of a record: one result as it is, and several, or none, as a list. */
export type RecordOutputs = Uint8Array | readonly Uint8Array[];

/** The results of one record, or why there are none. */
export type RecordResult = RecordOutputs | SandtuneError;

const none: readonly Uint8Array[] = Object.freeze([]);

/** O(bytes): the records are copied, since they lie in pieces of any size. */
export function packed(records: readonly { readonly bytes: Uint8Array }[]): RecordBatch {
  const [first] = records;
  if (records.length === 1 && first) return { bytes: first.bytes, ends: Uint32Array.of(first.bytes.length) };
  const ends = new Uint32Array(records.length);
  let end = 0;
  for (let i = 0; i < records.length; i++) {
    end += (records[i] as { readonly bytes: Uint8Array }).bytes.length;
    ends[i] = end;
  }
  const bytes = new Uint8Array(end);
  for (let i = 0; i < records.length; i++) {
    const record = (records[i] as { readonly bytes: Uint8Array }).bytes;
    copyBytes(record, bytes, (ends[i] as number) - record.length);
  }
  return { bytes, ends };
}

/** The same in given memory. @param memory at least as long as the records together @param into for results */
export function packedInto(
  memory: Uint8Array,
  into: Uint8Array,
  records: readonly { readonly bytes: Uint8Array }[],
): SharedBatch {
  const ends = new Uint32Array(records.length);
  let end = 0;
  for (let i = 0; i < records.length; i++) {
    const record = (records[i] as { readonly bytes: Uint8Array }).bytes;
    copyBytes(record, memory, end);
    end += record.length;
    ends[i] = end;
  }
  return { bytes: memory.subarray(0, end), ends, into };
}

/** What came back of a `SharedBatch`: as `BatchResult`, with the bytes wherever they are. */
export function fromShared({ into }: SharedBatch, value: unknown): unknown {
  const { bytes } = (value ?? {}) as { readonly bytes?: unknown };
  if (typeof bytes !== 'number' || !Number.isInteger(bytes) || bytes < 0 || bytes > into.length) return value;
  return { ...(value as object), bytes: into.subarray(0, bytes) };
}

/** @throws {SandtuneError} ERR_SANDTUNE_RECORD_FAILED where the value is no result of that many records */
export function unpacked(value: unknown, recordCount: number): readonly RecordResult[] {
  const { bytes: given, ends, without = [], failed = [] } = (value ?? {}) as Partial<BatchResult>;
  const isResult = areBytes(given) && isUint32Array(ends) && byteLengthOf.call(ends) === 4 * recordCount;
  if (!isResult || !isAscending(ends, recordCount, byteLengthOf.call(given)))
    throw notAsExpected(`{ bytes, ends } of ${recordCount} records`, value);
  const { buffer, byteOffset } = plainBytes(given);
  const results: RecordResult[] = [];
  let from = 0;
  for (let i = 0; i < recordCount; i++) {
    const end = ends[i] as number;
    // Half of what `subarray()` costs.
    results.push(new Uint8Array(buffer, byteOffset + from, end - from));
    from = end;
  }
  for (const index of without) if (index in results) results[index] = none;
  for (const { index, message } of failed)
    if (index in results) results[index] = new SandtuneError('ERR_SANDTUNE_RECORD_FAILED', String(message));
  return results;
}

/** What a function that takes one record has returned: bytes, a list of them, or nothing. @throws as `unpacked` */
export function resultsOf(value: unknown): RecordOutputs {
  if (areBytes(value)) return plainBytes(value);
  if (value === null || value === undefined) return none;
  if (Array.isArray(value) && value.every(areBytes)) return value.every(isPlain) ? value : value.map(plainBytes);
  throw notAsExpected('bytes, a list of them, or null', value);
}

function isPlain(bytes: Uint8Array): boolean {
  return plainBytes(bytes) === bytes;
}

function isAscending(ends: Uint32Array, recordCount: number, byteLength: number): boolean {
  let before = 0;
  for (let i = 0; i < recordCount; i++) {
    const end = ends[i] as number;
    if (end < before) return false;
    before = end;
  }
  return before <= byteLength;
}

function notAsExpected(what: string, value: unknown): SandtuneError {
  return new SandtuneError(
    'ERR_SANDTUNE_RECORD_FAILED',
    `expected the function to return ${what}, got ${quoted(value)}`,
  );
}

/** The key of a record, as a function of the user says. A promise, or nothing, would put all records under one key. */
import { messageOf, SandtuneError } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import type { StreamRecord } from '../contracts.ts';

export type KeyOf = (record: StreamRecord) => string;

/** @throws {SandtuneError} ERR_SANDTUNE_RECORD_FAILED where the function throws, or gives no text and no number */
export function recordKey(keyOf: KeyOf, record: StreamRecord): string {
  let key: unknown;
  try {
    key = keyOf(record);
  } catch (cause) {
    throw failed(`an error: ${messageOf(cause)}`, cause);
  }
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'bigint') return String(key);
  // Nobody else would hear of a promise that rejects.
  if (key instanceof Promise) key.catch(() => {});
  throw failed(quoted(key));
}

function failed(got: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_RECORD_FAILED', `keyOf: expected a text or a number, got ${got}`, { cause });
}

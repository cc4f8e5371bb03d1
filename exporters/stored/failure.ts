/** Errors that cross from the reading thread to the host: as data, and typed again on the other side. */
import { isSandtuneError, messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { ReadingFailure } from './protocol.ts';

export function failureOf(error: unknown): ReadingFailure {
  if (error instanceof StoreError)
    return { kind: 'store', path: error.path, trouble: error.trouble, reason: error.reason };
  if (isSandtuneError(error)) return { kind: 'refused', code: error.code, message: error.message };
  return { kind: 'unforeseen', message: messageOf(error) };
}

export function errorOf(failure: ReadingFailure, path: string): SandtuneError {
  switch (failure.kind) {
    case 'store':
      return new StoreError(failure.path, failure.trouble, failure.reason);
    case 'refused':
      return new SandtuneError(failure.code, failure.message);
    case 'unforeseen':
      return new SandtuneError('ERR_SANDTUNE_LEDGER', `the ledger in '${path}' could not be read: ${failure.message}`);
  }
}

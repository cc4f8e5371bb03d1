/**
 * Where the bytes go that a call results in, where its caller says so:
 *
 *   into: buffer   copied into it when the call settles, in the caller's own thread, and at no other moment: a worker
 *                  never sees it, so one that writes late, is ended, or runs a call that was aborted, writes elsewhere
 *   lease: true    the shared memory that its worker wrote them to, until it is released
 *
 * Bytes that came another way, or no bytes, are settled alike over every transport.
 */
import { wrongArguments } from '../../foundation/call-errors.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import { intoPlace } from './result-into.ts';
import { LeasePlace } from './result-lease.ts';
import type { ResultPlace } from './result-place.ts';

/** Options of a call of a guest's function beside those of every call. */
export interface ResultOptions {
  /**
   * Memory that the bytes are written to which the call results in: a Uint8Array over an ArrayBuffer, or over a
   * SharedArrayBuffer, not resizable, that no other call in flight writes to. The call resolves with a Uint8Array of
   * the part that was written. It is written when the call settles with `ok`, and never before or after. What does
   * not fit, is no bytes, or finds the memory detached, is an error (ERR_SANDTUNE_RESULT), and nothing is written.
   */
  readonly into?: Uint8Array;
  /**
   * The call resolves with a `ResultLease` of the bytes it results in, in memory that is shared with the worker and
   * used again once the lease is released. @defaultValue false
   */
  readonly lease?: boolean;
}

export const resultOptions: readonly (keyof ResultOptions)[] = ['into', 'lease'];

/**
 * Reads the options once. @returns null where they want nothing; the error of what cannot be used
 * @param name of the function, for messages
 */
export function resultPlaceOf(name: string, options: ResultOptions): ResultPlace | SandtuneError | null {
  const { into, lease } = options;
  if (lease !== undefined && typeof lease !== 'boolean')
    return wrongArguments(`${name}: expected lease to be true or false, got ${quoted(lease)}`);
  if (into === undefined) return lease === true ? new LeasePlace() : null;
  if (lease === true) return wrongArguments(`${name}: expected into or lease, got both`);
  return intoPlace(name, into);
}

/**
 * What a call with a place settles with.
 * @returns the error that it fails with; null where `take` is given what it results in
 */
export function misfitOf(place: ResultPlace, name: string, value: unknown): SandtuneError | null {
  if (place.isTaken) return place.error;
  const message = `${name}: expected a Uint8Array as the result of a call with into or lease, got ${quoted(value)}`;
  return new SandtuneError('ERR_SANDTUNE_RESULT', message, { outcome: 'trap', stage: 'return' });
}

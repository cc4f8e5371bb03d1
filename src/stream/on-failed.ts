/**
 * What becomes of a record whose call failed, decided purely.
 *
 *   failed ─▶ tries left? ─ yes ─▶ again after a back-off of min · 2^n, at most max, half of it by chance
 *                         └ no ──▶ fail: the run fails · skip, dead-letter: the record is done with, as a gap
 */
import { checkInteger, checkKeys, checkNumber, checkOneOf, expected } from '../foundation/options.ts';
import type { StreamRecord } from './contracts.ts';

export type AtLast = 'fail' | 'skip' | 'dead-letter';

export type OnFailed = AtLast | RetryOptions;

export interface RetryOptions {
  /** Further tries of a record, in each stage: 1 to 1000. */
  readonly retries: number;
  /** Wait before the first of them, 0 to 3,600,000 ms; it doubles with each. @defaultValue 100 */
  readonly backoffMs?: number;
  /** Longest such wait, ms. @defaultValue 10,000 */
  readonly maxBackoffMs?: number;
  /** When the last try has failed too. @defaultValue 'fail' */
  readonly then?: AtLast;
}

export interface ResolvedOnFailed {
  readonly retries: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly atLast: AtLast;
}

/** A record that could not be processed, where it stands, and why. */
export interface DeadLetter extends StreamRecord {
  /** Where it begins in its source, as in `PartitionPosition`. */
  readonly at: number;
  readonly error: unknown;
  /** In the stage in which it failed. */
  readonly attempts: number;
  /** The name of that stage; absent where there is one alone. */
  readonly stage?: string;
}

/** @param record one that was admitted; its bytes are told as they were read */
export function deadLetterOf(
  record: Omit<DeadLetter, 'error' | 'stage'> & { readonly extra: { readonly original: Uint8Array | null } | null },
  error: unknown,
  stage: string | undefined,
): DeadLetter {
  const { partition, offset, at, extra, bytes, attempts } = record;
  const letter = { partition, offset, at, bytes: extra?.original ?? bytes, attempts, error };
  return Object.freeze(stage === undefined ? letter : { ...letter, stage });
}

export type PutDeadLetter = (letter: DeadLetter) => void | Promise<void>;

const choices = ['fail', 'skip', 'dead-letter'] as const satisfies readonly AtLast[];
const longestMs = 3_600_000;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function resolveOnFailed(given: OnFailed): ResolvedOnFailed {
  if (typeof given === 'string')
    return { retries: 0, backoffMs: 0, maxBackoffMs: 0, atLast: checkOneOf('onFailed', given, choices) };
  if (typeof given !== 'object' || given === null)
    throw expected('onFailed', "'fail', 'skip', 'dead-letter' or { retries }", given);
  checkKeys('onFailed', given, ['retries', 'backoffMs', 'maxBackoffMs', 'then']);
  const backoffMs = checkNumber('onFailed.backoffMs', given.backoffMs ?? 100, { min: 0, max: longestMs });
  return {
    retries: checkInteger('onFailed.retries', given.retries, { min: 1, max: 1000 }),
    backoffMs,
    maxBackoffMs: checkNumber('onFailed.maxBackoffMs', given.maxBackoffMs ?? Math.max(10_000, backoffMs), {
      min: backoffMs,
      max: longestMs,
    }),
    atLast: checkOneOf('onFailed.then', given.then ?? 'fail', choices),
  };
}

/**
 * @param attempts tries that have failed, at least 1
 * @param chance uniform in [0, 1): records that failed together do not come back together
 * @returns the wait before the next try, ms, or what becomes of the record
 */
export function afterFailure(options: ResolvedOnFailed, attempts: number, chance: number): number | AtLast {
  const { retries, backoffMs, maxBackoffMs, atLast } = options;
  if (attempts > retries) return atLast;
  const full = Math.min(maxBackoffMs, backoffMs * 2 ** (attempts - 1));
  return full * (0.5 + 0.5 * chance);
}

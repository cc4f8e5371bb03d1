/**
 * The door to code that is not ours (knobs, executors): whoever goes through it waits so long and no
 * longer, and what comes out of it later than that is never an unhandled rejection.
 *
 *   call ──▶ answer │ what it threw │ NoAnswer, after `limitMs` │ the signal's reason
 */
import type { Timers } from '../../src/foundation/clock.ts';
import { SandtuneError } from '../../src/foundation/errors.ts';
import { durationText } from '../../src/foundation/units.ts';
import type { Say } from './warn.ts';

export interface Patience {
  readonly timers: Timers;
  /** How long an answer may take. */
  readonly limitMs: number;
  /** The waiting keeps the process alive: on the way back to the anchor, which must not be cut off half-way. */
  readonly keepAlive?: boolean;
  /** Ends the waiting, and not what is waited for. */
  readonly signal?: AbortSignal;
  /** By which it is said what goes wrong where nobody waits any more. @defaultValue a warning */
  readonly say?: Say;
}

/** Limits of time, ms. */
export const callLimits = Object.freeze({
  /** A knob's answer. A move may have to wait for calls that run, so it gets twice as long as the longest of them took. */
  answerMs: 10_000,
  longestAnswerMs: 60_000,
  /** Letting go what was kept warm, which nothing depends on. */
  releaseMs: 3000,
  /** What is usual: another knob's turn comes after it, and so does a second request to a knob that was silent. */
  momentMs: 250,
});

/** How long a knob's answer may take while calls run as long as that. */
export function answerLimitMs(longestCallMs: number): number {
  return Math.min(callLimits.longestAnswerMs, Math.max(callLimits.answerMs, 2 * longestCallMs));
}

/** Foreign code did not answer in time. It may still do what it was asked for. */
export class NoAnswer extends SandtuneError {}

/**
 * @param what was asked for, for the message: 'size: apply(8)'
 * @throws {NoAnswer} after `limitMs`; the signal's reason; whatever the call threw
 */
export async function answerOf<T>(call: Promise<T>, what: string, patience: Patience): Promise<T> {
  const { timers, limitMs, keepAlive = false, signal } = patience;
  const waiting = new AbortController();
  const abort = () => waiting.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const tooLate = async (): Promise<never> => {
    await timers.sleep(limitMs, { signal: waiting.signal, keepAlive });
    throw new NoAnswer('ERR_SANDTUNE_KNOB', `${what}: expected an answer within ${durationText(limitMs)}, got none`);
  };
  try {
    return await Promise.race([call, tooLate()]);
  } finally {
    signal?.removeEventListener('abort', abort);
    waiting.abort();
  }
}

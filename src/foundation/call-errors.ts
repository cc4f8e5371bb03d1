/** What a call is refused or ended with, and a knob of an executor that was closed: one set for all executors. */
import type { Stage } from '../contracts.ts';
import { messageOf, refusal, SandtuneError } from './errors.ts';
import { durationText } from './units.ts';

/** The error of a signal that has the right shape but cannot be listened to. */
export function signalError(what: string, cause: unknown): SandtuneError {
  return wrongArguments(`${what}: expected a signal that can be listened to, got ${messageOf(cause)}`);
}

export function closedError(what: string): SandtuneError {
  return refusal('ERR_SANDTUNE_CLOSED', `${what}: expected an open executor, got one that was closed`);
}

export function queueFullError(what: string, maxQueue: number): SandtuneError {
  const message = `${what}: expected at most ${maxQueue} waiting calls, got one more`;
  return new SandtuneError('ERR_SANDTUNE_QUEUE_FULL', message, { outcome: 'shed', stage: 'admit' });
}

/** The call waited for longer than its `maxWaitMs`. */
export function maxWaitError(what: string, maxWaitMs: number): SandtuneError {
  const message = `${what}: expected its work to begin within ${durationText(maxWaitMs)}, got no place for it`;
  return new SandtuneError('ERR_SANDTUNE_MAX_WAIT', message, { outcome: 'shed', stage: 'queue' });
}

/** The work of the call took longer than its deadline. @param aftermath what becomes of the work */
export function deadlineError(what: string, deadlineMs: number, stage: Stage, aftermath: string): SandtuneError {
  const message = `${what}: expected an end within ${durationText(deadlineMs)}, got none; ${aftermath}`;
  return new SandtuneError('ERR_SANDTUNE_DEADLINE', message, { outcome: 'timeout', stage });
}

/** The call waited when `clear()` was called without a reason. */
export function clearedError(what: string): SandtuneError {
  const message = `${what}: expected to run, got clear() while it waited`;
  return new SandtuneError('ERR_SANDTUNE_CANCELLED', message, { outcome: 'cancelled', stage: 'queue' });
}

/** The call had not ended when the bound of `close()` passed. @param aftermath what becomes of its work */
export function cutError(what: string, withinMs: number, stage: Stage, aftermath: string): SandtuneError {
  const message = `${what}: expected an end within ${durationText(withinMs)} of close(), got none; ${aftermath}`;
  return new SandtuneError('ERR_SANDTUNE_CANCELLED', message, { outcome: 'cancelled', stage });
}

/** The error of arguments or options that a caller gave to `run()`. */
export function wrongArguments(message: string, cause?: unknown): SandtuneError {
  return refusal('ERR_SANDTUNE_ARGUMENTS', message, cause);
}

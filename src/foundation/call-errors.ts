/** What a call is refused with before it is taken in, and a knob of an executor that was closed: one set for all executors. */
import { messageOf, refusal, SandtuneError } from './errors.ts';

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

/** The error of arguments or options that a caller gave to `run()`. */
export function wrongArguments(message: string, cause?: unknown): SandtuneError {
  return refusal('ERR_SANDTUNE_ARGUMENTS', message, cause);
}

/** What a call is refused with before it is taken in, and a knob of an executor that was closed: one set for all executors. */
import type { CallOptions } from '../contracts.ts';
import { messageOf, refusal, SandtuneError } from './errors.ts';
import { quoted } from './options.ts';

/**
 * The error of call options that would break the call half-way; undefined when they will do. To be
 * asked before the call is counted as offered.
 * @param name of what is called, for the message
 */
export function callOptionsError(name: string, options: unknown): SandtuneError | undefined {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== 'object')
    return wrongArguments(`${name}: expected an object of call options, got ${quoted(options)}`);
  try {
    return wrongOption(name, options);
  } catch (cause) {
    return wrongArguments(`${name}: expected call options that can be read, got ${messageOf(cause)}`);
  }
}

function wrongOption(name: string, options: CallOptions): SandtuneError | undefined {
  const { signal, intendedStartMs } = options;
  if (signal !== undefined && !isSignal(signal)) {
    return wrongArguments(`${name}: expected signal to be an AbortSignal, got ${quoted(signal)}`);
  }
  if (intendedStartMs !== undefined && !Number.isFinite(intendedStartMs)) {
    return wrongArguments(`${name}: expected intendedStartMs to be a finite number, got ${quoted(intendedStartMs)}`);
  }
  return undefined;
}

/** Checks the shape, so that signals of other realms and stand-ins pass. */
function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}

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

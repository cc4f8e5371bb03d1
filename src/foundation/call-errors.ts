/** What a call is refused with before it is taken in, and a knob of an executor that was closed: one set for all executors. */
import type { CallOptions } from '../contracts.ts';
import { messageOf, refusal, SandtuneError } from './errors.ts';
import { quoted } from './options.ts';

/**
 * How far a call's intended start may lie ahead: a timer or a scheduler that acts in advance. What is
 * further away, either way, is a time of another clock (`Date.now()` for `performance.now()`).
 */
const mostAheadMs = 1000;
/** 12 days: a longer latency is a mistake. */
const mostAgoMs = 2 ** 30;

/**
 * The error of call options that would break the call half-way; undefined when they will do. To be
 * asked before the call is counted as offered.
 * @param name of what is called, for the message
 * @param nowMs on the executor's clock
 */
export function callOptionsError(name: string, options: unknown, nowMs: number): SandtuneError | undefined {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== 'object')
    return wrongArguments(`${name}: expected an object of call options, got ${quoted(options)}`);
  try {
    return wrongOption(name, options, nowMs);
  } catch (cause) {
    return wrongArguments(`${name}: expected call options that can be read, got ${messageOf(cause)}`);
  }
}

function wrongOption(name: string, options: CallOptions, nowMs: number): SandtuneError | undefined {
  const { signal, intendedStartMs } = options;
  if (signal !== undefined && !isSignal(signal)) {
    return wrongArguments(`${name}: expected signal to be an AbortSignal, got ${quoted(signal)}`);
  }
  if (intendedStartMs !== undefined && !isNear(intendedStartMs, nowMs)) {
    const wanted = `a time on the executor's clock, where it is ${nowMs} now, at most ${mostAheadMs} ms ahead`;
    return wrongArguments(`${name}: expected intendedStartMs to be ${wanted}, got ${quoted(intendedStartMs)}`);
  }
  return undefined;
}

/** False for what is no number. */
function isNear(ms: unknown, nowMs: number): boolean {
  if (typeof ms !== 'number') return false;
  const agoMs = nowMs - ms;
  return agoMs >= -mostAheadMs && agoMs <= mostAgoMs;
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

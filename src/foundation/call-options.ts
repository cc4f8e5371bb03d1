/**
 * What a caller says of a call, read once and checked. The options are the caller's object: a getter
 * or a proxy may throw, or answer differently the next time, so nothing of them is read again.
 */
import type { CallOptions } from '../contracts.ts';
import { type Priority, priorities } from '../words.ts';
import { abortSignalOf, isCallSignal } from './abort.ts';
import { wrongArguments } from './call-errors.ts';
import { messageOf, refusal, type SandtuneError } from './errors.ts';
import { longestLimitMs } from './limit-options.ts';
import { nearest } from './nearest.ts';
import { noOptionText, quoted } from './options.ts';

export interface ReadCallOptions {
  readonly signal: AbortSignal | undefined;
  readonly intendedStartMs: number | undefined;
  readonly idempotent: boolean;
  /** Infinity where there is none; likewise below. */
  readonly deadlineMs: number;
  readonly maxWaitMs: number;
  readonly tenant: string | undefined;
  readonly priority: Priority;
  /** Why the call is refused; undefined when its options will do. */
  readonly wrong: SandtuneError | undefined;
}

/** Options that what runs a call has of its own. */
export interface OtherOptions {
  readonly names: readonly string[];
  /** False where it may have more of them, so that of unknown ones only those are refused that are nearest to one of ours. */
  readonly areAll: boolean;
}

/**
 * How far a call's intended start may lie ahead: a timer or a scheduler that acts in advance. What is
 * further away, either way, is a time of another clock (`Date.now()` for `performance.now()`).
 */
const mostAheadMs = 1000;
const longestTenantName = 256;
/** 12 days: a longer latency is a mistake. */
const mostAgoMs = 2 ** 30;

const none: ReadCallOptions = Object.freeze({
  signal: undefined,
  intendedStartMs: undefined,
  idempotent: false,
  deadlineMs: Number.POSITIVE_INFINITY,
  maxWaitMs: Number.POSITIVE_INFINITY,
  tenant: undefined,
  priority: 'normal',
  wrong: undefined,
});

const known: readonly (keyof CallOptions)[] = [
  'signal',
  'intendedStartMs',
  'idempotent',
  'deadlineMs',
  'maxWaitMs',
  'tenant',
  'priority',
];

/**
 * Never throws. Allocates only where there are options.
 * @param name of what is called, for the message
 * @param nowMs on the executor's clock
 * @param others options that what runs the call has of its own; null: none
 */
export function readCallOptions(
  name: string,
  options: unknown,
  nowMs: number,
  others: OtherOptions | null = null,
): ReadCallOptions {
  if (options === undefined || options === null) return none;
  if (typeof options !== 'object')
    return refused(`${name}: expected an object of call options, got ${quoted(options)}`);
  try {
    const strange = strangeIn(options, others);
    if (strange !== undefined) {
      const all = others?.areAll === true ? [...known, ...others.names] : known;
      return { ...none, wrong: refusal('ERR_SANDTUNE_OPTION', noOptionText(name, strange, all)) };
    }
    const { signal, intendedStartMs, idempotent, deadlineMs, maxWaitMs, tenant, priority } = options as CallOptions;
    const isGiven = signal !== undefined && signal !== null;
    if (isGiven && !isCallSignal(signal)) {
      const wanted = "an AbortSignal, or an event emitter that emits 'abort'";
      return refused(`${name}: expected signal to be ${wanted}, got ${quoted(signal)}`);
    }
    if (intendedStartMs !== undefined && !isNear(intendedStartMs, nowMs)) {
      const wanted = `a time on the executor's clock, where it is ${nowMs} now, at most ${mostAheadMs} ms ahead`;
      return refused(`${name}: expected intendedStartMs to be ${wanted}, got ${quoted(intendedStartMs)}`);
    }
    if (deadlineMs !== undefined && !isLength(deadlineMs, 1))
      return refused(lengthText(name, 'deadlineMs', 1, deadlineMs));
    if (maxWaitMs !== undefined && !isLength(maxWaitMs, 0)) return refused(lengthText(name, 'maxWaitMs', 0, maxWaitMs));
    if (tenant !== undefined && !isTenant(tenant)) {
      const wanted = `a text of 1 to ${longestTenantName} characters`;
      return refused(`${name}: expected tenant to be ${wanted}, got ${quoted(tenant)}`);
    }
    if (priority !== undefined && !priorities.includes(priority))
      return refused(`${name}: expected priority to be one of ${priorities.join(', ')}, got ${quoted(priority)}`);
    return {
      signal: isGiven ? abortSignalOf(signal) : undefined,
      intendedStartMs,
      idempotent: idempotent === true,
      deadlineMs: deadlineMs ?? Number.POSITIVE_INFINITY,
      maxWaitMs: maxWaitMs ?? Number.POSITIVE_INFINITY,
      tenant,
      priority: priority ?? 'normal',
      wrong: undefined,
    };
  } catch (cause) {
    return refused(`${name}: expected call options that can be read, got ${messageOf(cause)}`);
  }
}

function refused(message: string): ReadCallOptions {
  return { ...none, wrong: wrongArguments(message) };
}

/** The first option that is refused for its name. */
function strangeIn(options: object, others: OtherOptions | null): string | undefined {
  for (const key in options) {
    switch (key) {
      case 'signal':
      case 'intendedStartMs':
      case 'idempotent':
      case 'deadlineMs':
      case 'maxWaitMs':
      case 'tenant':
      case 'priority':
        continue;
      default:
        if (others === null || isMeantForUs(key, others)) return key;
    }
  }
  return undefined;
}

function isMeantForUs(key: string, { names, areAll }: OtherOptions): boolean {
  if (names.includes(key)) return false;
  if (areAll) return true;
  const meant = nearest(key, [...names, ...known]);
  return meant !== null && !names.includes(meant);
}

/** False for what is no number. */
function isNear(ms: unknown, nowMs: number): boolean {
  if (typeof ms !== 'number') return false;
  const agoMs = nowMs - ms;
  return agoMs >= -mostAheadMs && agoMs <= mostAgoMs;
}

function isTenant(name: unknown): boolean {
  return typeof name === 'string' && name.length >= 1 && name.length <= longestTenantName;
}

function isLength(ms: unknown, leastMs: number): boolean {
  return typeof ms === 'number' && ms >= leastMs && ms <= longestLimitMs;
}

function lengthText(name: string, option: string, leastMs: number, got: unknown): string {
  return `${name}: expected ${option} to be a number from ${leastMs} to ${longestLimitMs}, got ${quoted(got)}`;
}

/** Has it fired? False where a stand-in throws when it is asked. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  try {
    return signal?.aborted === true;
  } catch {
    return false;
  }
}

/** The reason it fired with; what a stand-in threw instead, where it throws when it is asked. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  try {
    return signal?.reason;
  } catch (thrown) {
    return thrown;
  }
}

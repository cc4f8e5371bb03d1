/**
 * What a call of a pool counts as that the pool rejected. Its own errors are told apart by their texts, since they
 * have no codes; and by no class, since a pool of another realm, as in jest, has classes of its own.
 */
import { types } from 'node:util';
import type { Outcome } from '../../contracts.ts';
import { generatorText } from '../../executor/given-generator.ts';

const shedTexts: readonly string[] = ['Task queue is at limit', 'No task queue available and all Workers are busy'];

/** A call, and how far it had come when the pool rejected it. */
export interface Rejected {
  /** What it counts as, for what is said of it. */
  readonly name: string;
  readonly input: unknown;
  /** The caller's signal has fired. */
  readonly isAborted: boolean;
  /** A worker was given it. */
  readonly wasSent: boolean;
  /** That worker got it; false where it could not be sent, undefined where nobody saw which. */
  readonly hasLeft: boolean | undefined;
  /** The worker ended that was given it. */
  readonly wasTakenAlong: boolean;
  /** Workers take one call at a time. */
  readonly hadWorkerToItself: boolean;
}

/** The outcome of a call that piscina rejected. Of a call that a worker had, what its function threw is a trap. */
export function outcomeOf(error: unknown, call: Rejected): Exclude<Outcome, 'ok'> {
  const isAbort = isErrorOf(error, 'AbortError', 'The task has been aborted');
  if (isAbort && call.isAborted) return 'cancelled';
  if (call.wasTakenAlong) return gaveGenerator(error, call.name) && call.hadWorkerToItself ? 'trap' : 'lost';
  if (call.wasSent) return isInputRefused(error, call) ? 'rejected' : 'trap';
  if (shedTexts.some((text) => isErrorOf(error, 'Error', text))) return 'shed';
  // The pool was ended while the call waited in it. Where it is closing it refuses the calls that come in.
  const isEnded =
    isErrorOf(error, 'Error', 'Terminating worker thread') || (isAbort && causeOf(error) === 'pool is closed');
  return isEnded ? 'cancelled' : 'rejected';
}

/**
 * A worker whose function gives a generator dies of it, because no generator can be sent to another thread. The
 * error with which it dies comes without its message, as all of its kind do: what it says stands in its stack alone.
 */
const generatorLine = /^DataCloneError: \[object (?:Async)?Generator\] could not be cloned/;

/** Whether a worker died of a generator. The error, which is the pool's, then gets back a message. */
function gaveGenerator(error: unknown, name: string): boolean {
  if (!types.isNativeError(error) || typeof error.stack !== 'string' || !generatorLine.test(error.stack)) return false;
  if (error.message === '' && Object.isExtensible(error)) error.message = generatorText(name);
  return true;
}

/**
 * An input that cannot be cloned or moved is refused when it is to be sent. A function may throw the same error, of
 * what it clones itself.
 */
function isInputRefused(error: unknown, { input, hasLeft }: Rejected): boolean {
  if (hasLeft !== undefined) return !hasLeft;
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'DataCloneError' && code === DOMException.DATA_CLONE_ERR && !canBeCloned(input);
}

function canBeCloned(input: unknown): boolean {
  try {
    structuredClone(input);
    return true;
  } catch {
    return false;
  }
}

function causeOf(error: unknown): unknown {
  return (error as Error).cause;
}

function isErrorOf(error: unknown, name: string, message: string): boolean {
  return types.isNativeError(error) && error.name === name && error.message === message;
}

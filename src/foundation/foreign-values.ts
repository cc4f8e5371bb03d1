/**
 * Checks of values of kinds that the platform makes: functions, signals, URLs, bytes. Something may have the
 * prototype of such a kind and be none, or be a proxy that was revoked; what is asked of these throws.
 */
import { isUint8Array } from 'node:util/types';
import { bufferOf } from './bytes.ts';
import { canBeRead, expected } from './options.ts';

type Callable = (...args: never[]) => unknown;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when it cannot be called, as a class cannot be */
export function checkFunction(name: string, value: unknown, what = 'a function'): Callable {
  if (typeof value !== 'function' || !canBeRead(value)) throw expected(name, what, value);
  if (isClass(value)) throw expected(name, what, value, ', a class, which cannot be called without new');
  return value as Callable;
}

/** Known by its source, which no other property tells. A method that is called `class` begins so too. */
export function isClass(value: unknown): boolean {
  return /^class(?=[\s{/])(?!\s*\()/.test(Function.prototype.toString.call(value));
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function checkSignal(name: string, value: unknown): AbortSignal {
  if (!isTrue(() => value instanceof AbortSignal && typeof value.aborted === 'boolean'))
    throw expected(name, 'an AbortSignal', value);
  return value as AbortSignal;
}

export function isFileUrl(value: unknown): value is URL {
  return isTrue(() => value instanceof URL && value.protocol === 'file:');
}

/** False also where the bytes were moved to somebody else. */
export function areBytes(value: unknown): value is Uint8Array {
  return isUint8Array(value) && !isDetached(bufferOf.call(value));
}

function isDetached(buffer: ArrayBufferLike): boolean {
  return buffer instanceof ArrayBuffer && buffer.detached;
}

function isTrue(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

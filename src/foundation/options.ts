/**
 * Checks for option values. Each returns the value it was given, or throws
 * SandtuneError ERR_SANDTUNE_OPTION naming the option, the range and what came.
 */
import { bytesOf } from './bytes.ts';
import { isSandtuneError, SandtuneError } from './errors.ts';
import { meantText } from './nearest.ts';
import { optionMeantText } from './other-names.ts';
import { unprintable } from './printable.ts';

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** Of what JSON leaves as it is. */
const unfit = new RegExp(`[${unprintable}]`, 'gu');

/** Text of a value as a user would recognise it, cut to 80 characters; a terminal acts on none of it. Never throws. */
export function quoted(value: unknown): string {
  return textOf(value).replace(unfit, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A proxy, revoked or hostile, throws at whatever it is asked. */
function textOf(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return `${typeof value === 'function' ? 'a function' : 'an object'} that cannot be shown`;
  }
}

/** True where all that an option check asks of `value` can be asked: no getter and no trap of a proxy throws. */
export function canBeRead(value: unknown): boolean {
  try {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return true;
    Object.getPrototypeOf(value);
    // A list of guests' bytes is no options, and is not read one by one.
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) Object.values(value);
    return true;
  } catch {
    return false;
  }
}

function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 80))
      : typeof value === 'bigint'
        ? `${value}n`
        : typeof value === 'function'
          ? `function ${value.name || '(anonymous)'}`
          : typeof value === 'object' && value !== null
            ? objectText(value)
            : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when not a finite number in range */
export function checkNumber(name: string, value: unknown, range: Range = {}): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw expected(name, `a finite number${within(range)}`, value);
  return checkRange(name, value, range, 'a number');
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when not an integer in range */
export function checkInteger(name: string, value: unknown, range: Range = {}): number {
  if (!Number.isSafeInteger(value)) throw expected(name, `an integer${within(range)}`, value);
  return checkRange(name, value as number, range, 'an integer');
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when not one of `allowed` */
export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T))
    throw expected(
      name,
      `one of ${allowed.map((one) => `'${one}'`).join(', ')}`,
      value,
      typeof value === 'string' ? meantText(value, allowed) : '',
    );
  return value as T;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when not a boolean */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw expected(name, 'true or false', value);
  return value;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when not a non-empty string */
export function checkText(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw expected(name, 'a non-empty string', value);
  return value;
}

/** What no system takes for a path is told before anything is tried with it, and is not repeated in full. */
const longestPath = 4096;

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when not a text that may be a path */
export function checkPath(name: string, value: unknown, what = 'a path'): string {
  const isPath = typeof value === 'string' && value !== '' && value.length <= longestPath && !value.includes('\0');
  if (!isPath) throw expected(name, `${what} of 1 to ${longestPath} characters without zeros`, value);
  return value;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when not an object of options: a list or a promise is none */
export function checkObject(name: string, value: unknown): object {
  if (!canBeRead(value)) throw expected(name, 'an object of options that can be read', value);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Promise)
    throw expected(name, 'an object of options', value);
  return value;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION when `options` are none, or have a key that is not in `known` */
export function checkKeys(what: string, options: object, known: readonly string[]): void {
  checkObject(what, options);
  refuseOtherKeys(what, options, known);
}

/** The same for options that are read under the eyes of `reading()`. */
export function refuseOtherKeys(what: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new SandtuneError('ERR_SANDTUNE_OPTION', noOptionText(what, key, known));
  }
}

/** 'wrap(): no option 'maxQeue'; expected name, maxQueue; did you mean 'maxQueue'?'. */
export function noOptionText(what: string, key: string, known: readonly string[]): string {
  return `${what}: no option '${quoted(key).slice(1, -1)}'; expected ${known.join(', ')}${optionMeantText(key, known)}`;
}

/**
 * What `check` gives. What a getter or a proxy throws in it is told as a fault of the value that is checked.
 * @param what was expected, followed by 'that can be read'
 */
export function reading<T>(name: string, what: string, value: unknown, check: () => T): T {
  try {
    return check();
  } catch (thrown) {
    throw notRead(name, what, value, thrown);
  }
}

/** The error of a check that failed: the check's own, or, where the value itself threw, one with that as its cause. */
export function notRead(name: string, what: string, value: unknown, thrown: unknown): SandtuneError {
  if (isSandtuneError(thrown)) return thrown;
  const message = `${name}: expected ${what} that can be read, got ${quoted(value)}`;
  return new SandtuneError('ERR_SANDTUNE_OPTION', message, { cause: thrown });
}

/** The error itself, for checks that are particular to one option. @param more what follows: '; did you mean …' */
export function expected(name: string, what: string, got: unknown, more = ''): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_OPTION', `${name}: expected ${what}, got ${quoted(got)}${more}`);
}

/** Without the keys whose value is undefined: an option given as undefined is one left out. */
export function definedOnly<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function checkRange(name: string, value: number, range: Range, what: string): number {
  if (value < (range.min ?? -Infinity) || value > (range.max ?? Infinity))
    throw expected(name, `${what}${within(range)}`, value);
  return value;
}

function within({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

/** Written as JSON; of a pool or a promise that would be nothing, or far too much. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const saysItself = typeof (value as { readonly toJSON?: unknown }).toJSON === 'function';
  return prototype === null || prototype === Object.prototype || Array.isArray(value) || saysItself;
}

/** 'a Piscina', 'an EventEmitter', 'an Error: no such file'. */
function instanceText(value: object): string {
  const name = String(value.constructor?.name || 'Object').slice(0, 40);
  const text = value instanceof Error ? `${name}: ${value.message}` : name;
  return /^[AEIOU]/.test(name) ? `an ${text}` : `a ${text}`;
}

/** Binary data and long lists are not written out only to be cut. */
function objectText(value: object): string {
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${bytesOf(value)} bytes`;
  if (Array.isArray(value) && value.length > 80) return JSON.stringify(value.slice(0, 80));
  return isPlain(value) ? (JSON.stringify(value) ?? Object.prototype.toString.call(value)) : instanceText(value);
}

/**
 * What a guest or a binding threw, as plain data that can be posted, whatever it was.
 *
 *   worker: anything ── describeThrown ──▶ Thrown ── message ──▶ host: reviveThrown ──▶ an error, a value
 *
 * An error comes with its name, message, stack, cause, the errors it gathers, and its own enumerable
 * properties (`code`, `errno`, `exitCode` …). Cloning an error would lose these, and a value that cannot
 * be cloned would take the neighbours of its call down. Everything together takes 64 KiB at most: the
 * stack comes first, then the message, then the rest, and what is cut says so. A proxy is not looked into.
 *
 * The bytes V8 was given may be longer than those of the host (limit-memory.ts), always in front of the
 * code: the offsets in a stack are moved back, so that they point into the host's own file.
 */
import { types } from 'node:util';
import { messageOf } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import { exceptionError, isGuestException } from './guest-exception.ts';

export type Thrown =
  | { readonly kind: 'value'; readonly value: undefined | null | boolean | number | bigint | string }
  /** What can only be named: a function, a symbol, a proxy, a value that was left out. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Thrown[] }
  | { readonly kind: 'object'; readonly fields: Fields }
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly fields: Fields;
      readonly cause: Thrown | undefined;
      readonly errors: Thrown | undefined;
    };

type Fields = readonly (readonly [key: string, value: Thrown])[];

const mostThrownBytes = 64 * 1024;
/** Characters. */
const mostRepeated = 4096;
const mostStackBytes = 8 * 1024;
/** Kept back from a long message, for the properties. */
const fieldsBytes = 2 * 1024;
/** What one value counts besides its text, and the note that text was cut. */
const valueBytes = 32;
const mostDepth = 8;
const deniedCode = 'ERR_ACCESS_DENIED';
const mostEntries = 100;
const commonNames = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** A message as ours repeats it; what was thrown has all that came. */
export function shortened(message: string): string {
  return message.length <= mostRepeated ? message : `${message.slice(0, mostRepeated)}…`;
}

/**
 * Never throws.
 * @param movedBytes how much longer the bytes V8 was given are than those of the host
 * @param exports of the guest, by whose tags its own exceptions are known
 */
export function describeThrown(thrown: unknown, movedBytes = 0, exports?: Readonly<Record<string, unknown>>): Thrown {
  try {
    return new Description(movedBytes, exports).of(thrown, 0);
  } catch {
    return { kind: 'text', text: 'a value without text' };
  }
}

/** True where Node's permission model refused something, wherever in what was thrown it says so. */
export function isDenied(thrown: Thrown): boolean {
  if (thrown.kind !== 'error') return false;
  const { fields, cause, errors } = thrown;
  const says = fields.some(([key, value]) => key === 'code' && value.kind === 'value' && value.value === deniedCode);
  if (says || (cause && isDenied(cause))) return true;
  return errors?.kind === 'list' && errors.items.some(isDenied);
}

class Description {
  readonly #movedBytes: number;
  readonly #exports: Readonly<Record<string, unknown>> | undefined;
  readonly #above = new Set<unknown>();
  #remaining = mostThrownBytes;

  constructor(movedBytes: number, exports: Readonly<Record<string, unknown>> | undefined) {
    this.#movedBytes = movedBytes;
    this.#exports = exports;
  }

  of(value: unknown, depth: number): Thrown {
    this.#remaining -= valueBytes;
    if (this.#remaining <= 0) return { kind: 'text', text: '…' };
    switch (typeof value) {
      case 'string':
        return { kind: 'value', value: this.#text(value) };
      case 'undefined':
      case 'boolean':
      case 'number':
        return { kind: 'value', value };
      case 'bigint':
        return value < 2n ** 64n && value > -(2n ** 64n) ? { kind: 'value', value } : this.#named(value);
      case 'object':
        return value === null ? { kind: 'value', value } : this.#object(value, depth);
      default:
        return this.#named(value);
    }
  }

  #object(value: object, depth: number): Thrown {
    if (types.isProxy(value)) return this.#named(value);
    if (this.#above.has(value)) return { kind: 'text', text: 'the value around it' };
    if (depth === mostDepth) return { kind: 'text', text: '…' };
    this.#above.add(value);
    try {
      if (types.isNativeError(value) || value instanceof Error) return this.#error(value, depth);
      if (isGuestException(value)) return this.#error(exceptionError(value, this.#exports), depth);
      if (ArrayBuffer.isView(value)) return { kind: 'text', text: quoted(value) };
      if (Array.isArray(value)) return { kind: 'list', items: this.#items(value, depth) };
      const fields = this.#fields(value, depth, Object.keys(value));
      return fields.length > 0 || isPlain(value) ? { kind: 'object', fields } : this.#named(value);
    } finally {
      this.#above.delete(value);
    }
  }

  #error(error: Error, depth: number): Thrown {
    const name = this.#text(textOf(error, 'name') ?? 'Error', valueBytes * 8);
    const whole = textOf(error, 'message') ?? '';
    const [head, frames] = splitStack(textOf(error, 'stack'), whole);
    const shownFrames = frames && this.#text(movedBack(frames, this.#movedBytes), mostStackBytes);
    const message = this.#text(whole, this.#remaining - fieldsBytes);
    return {
      kind: 'error',
      name,
      message,
      stack: shownFrames === undefined ? undefined : head === undefined ? shownFrames : head + message + shownFrames,
      fields: this.#fields(error, depth, ownNames(error)),
      cause: this.#part(error, 'cause', depth),
      errors: this.#part(error, 'errors', depth),
    };
  }

  /** Undefined where there is no such property, or one that throws. */
  #part(error: Error, key: string, depth: number): Thrown | undefined {
    const part = read(error, key);
    return part === undefined ? undefined : this.of(part, depth + 1);
  }

  #fields(object: object, depth: number, keys: readonly string[]): Fields {
    return keys.slice(0, mostEntries).flatMap((key) => {
      const value = read(object, key);
      // A method cannot be called from the other side.
      return typeof value === 'function' ? [] : [[this.#text(key, valueBytes * 8), this.of(value, depth + 1)] as const];
    });
  }

  #items(list: readonly unknown[], depth: number): readonly Thrown[] {
    const shown = Math.min(list.length, mostEntries);
    return Array.from({ length: shown }, (_, index) => this.of(read(list, String(index)), depth + 1));
  }

  #named(value: unknown): Thrown {
    return { kind: 'text', text: this.#text(messageOf(value)) };
  }

  /** As much of `text` as there is room for. */
  #text(text: string, most = this.#remaining): string {
    const room = Math.max(0, Math.min(most, this.#remaining) - valueBytes);
    const cut = text.length <= room && Buffer.byteLength(text) <= room ? text : cutTo(text, room);
    this.#remaining -= Buffer.byteLength(cut);
    return cut;
  }
}

/** The first characters of `text` that take `room` bytes in UTF-8, and a note of how many there were. */
function cutTo(text: string, room: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(room));
  return `${text.slice(0, read)}… (${text.length} in all)`;
}

/**
 * What stands before the message in a stack, and what stands behind it, so that a long message is not
 * taken twice. Where the stack does not show the message it is all taken for frames.
 */
function splitStack(
  stack: string | undefined,
  message: string,
): [head: string | undefined, frames: string | undefined] {
  const at = stack?.indexOf(message) ?? -1;
  if (stack === undefined || at < 0 || at > 256) return [undefined, stack];
  return [stack.slice(0, at), stack.slice(at + message.length)];
}

function movedBack(frames: string, movedBytes: number): string {
  if (movedBytes === 0) return frames;
  return frames.replace(
    /(:wasm-function\[\d+\]:0x)([0-9a-f]+)/g,
    (_, place: string, offset: string) => place + (Number.parseInt(offset, 16) - movedBytes).toString(16),
  );
}

/** What an error has besides what each has: of its own, listed or not, and the `code` that its class may have. */
function ownNames(error: Error): readonly string[] {
  const names = Object.getOwnPropertyNames(error).filter((name) => !commonNames.has(name));
  return names.includes('code') || read(error, 'code') === undefined ? names : [...names, 'code'];
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function textOf(object: object, key: string): string | undefined {
  const value = read(object, key);
  return typeof value === 'string' ? value : undefined;
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

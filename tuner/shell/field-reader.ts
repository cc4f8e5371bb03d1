/**
 * Reads the fields of an object that somebody else made, each once, and refuses one that is not what it
 * is to be. Looking at a field may throw, and may give something else the next time.
 */
import { messageOf, SandtuneError } from '../../src/foundation/errors.ts';
import { quoted } from '../../src/foundation/options.ts';

/** An executor gave a window that cannot be what happened. */
export class WindowRefused extends SandtuneError {}

export class FieldReader {
  readonly #executor: string;
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @throws {WindowRefused} when `given` is no object */
  constructor(executor: string, given: unknown, path = 'window') {
    this.#executor = executor;
    this.#path = path;
    if (typeof given !== 'object' || given === null) throw this.refusal('', 'an object', given);
    this.#given = given as Readonly<Record<string, unknown>>;
  }

  /** The error that names the executor and the field. */
  refusal(name: string, wanted: string, got: unknown): WindowRefused {
    const field = name === '' ? this.#path : `${this.#path}.${name}`;
    return new WindowRefused(
      'ERR_SANDTUNE_WINDOW',
      `'${this.#executor}' gave ${field}: expected ${wanted}, got ${quoted(got)}`,
    );
  }

  get(name: string): unknown {
    try {
      return this.#given[name];
    } catch (cause) {
      throw this.refusal(name, 'a field that can be read', messageOf(cause));
    }
  }

  /** A whole number from 0 on. */
  count(name: string): number {
    const value = this.get(name);
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    throw this.refusal(name, 'a whole number of at least 0', value);
  }

  /** A finite number from 0 on. */
  amount(name: string): number {
    const value = this.get(name);
    if (Number.isFinite(value) && (value as number) >= 0) return value as number;
    throw this.refusal(name, 'a finite number of at least 0', value);
  }

  number(name: string): number {
    const value = this.get(name);
    if (Number.isFinite(value)) return value as number;
    throw this.refusal(name, 'a finite number', value);
  }

  boolean(name: string): boolean {
    const value = this.get(name);
    if (typeof value === 'boolean') return value;
    throw this.refusal(name, 'true or false', value);
  }

  /** A list of numbers that are all as `isRight` wants them. */
  list(name: string, wanted: string, isRight: (value: number, index: number, all: readonly number[]) => boolean) {
    const value = this.get(name);
    const copy: readonly unknown[] | null = Array.isArray(value) ? [...value] : null;
    if (copy?.every((one, i) => typeof one === 'number' && isRight(one, i, copy as readonly number[])))
      return copy as readonly number[];
    throw this.refusal(name, wanted, value);
  }

  within(name: string): FieldReader {
    return new FieldReader(this.#executor, this.get(name), `${this.#path}.${name}`);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  keys(): readonly string[] {
    try {
      return Object.keys(this.#given);
    } catch (cause) {
      throw this.refusal('', 'an object that can be read', messageOf(cause));
    }
  }
}

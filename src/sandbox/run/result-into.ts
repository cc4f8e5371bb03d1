/** A buffer of the caller's that the bytes of a result are copied into, and the check that no two calls have the same. */
import { isUint8Array } from 'node:util/types';
import { bufferOf, byteLengthOf, byteOffsetOf } from '../../foundation/bytes.ts';
import { wrongArguments } from '../../foundation/call-errors.ts';
import { copyBytes } from '../../foundation/copy-bytes.ts';
import { messageOf, SandtuneError } from '../../foundation/errors.ts';
import { quoted } from '../../foundation/options.ts';
import type { ResultPlace } from './result-place.ts';

/** Of each buffer: the parts of it that calls in flight are to write to. */
const awaited = new WeakMap<ArrayBufferLike, IntoPlace[]>();

class IntoPlace implements ResultPlace {
  readonly leases = false;
  readonly #name: string;
  readonly #buffer: ArrayBufferLike;
  readonly #from: number;
  readonly #end: number;
  error: SandtuneError | null = null;
  isTaken = false;
  byteLength = 0;

  constructor(name: string, buffer: ArrayBufferLike, from: number, end: number) {
    this.#name = name;
    this.#buffer = buffer;
    this.#from = from;
    this.#end = end;
  }

  /** False for two that only touch, and for one of no bytes. */
  overlaps(other: IntoPlace): boolean {
    return Math.max(this.#from, other.#from) < Math.min(this.#end, other.#end);
  }

  take(bytes: Uint8Array): Uint8Array | undefined {
    this.isTaken = true;
    this.ended();
    const buffer = this.#buffer;
    const byteLength = byteLengthOf.call(bytes);
    const room = this.#end - this.#from;
    if (byteLength > room) return this.#misfit(`a result of at most ${room} bytes, as into has`, `${byteLength} bytes`);
    if (isDetached(buffer)) return this.#misfit('into to stay where it was until the call had ended', 'a detached one');
    try {
      const written = new Uint8Array(buffer, this.#from, byteLength);
      copyBytes(bytes, written, 0);
      this.byteLength = byteLength;
      return written;
    } catch (cause) {
      return this.#misfit('into to be memory that can be written to', messageOf(cause));
    }
  }

  takeLease(): never {
    throw new Error('expected bytes to be copied into a buffer');
  }

  ended(): void {
    const others = awaited.get(this.#buffer);
    const place = others?.indexOf(this) ?? -1;
    if (place >= 0) others?.splice(place, 1);
  }

  #misfit(wanted: string, got: string): undefined {
    const message = `${this.#name}: expected ${wanted}, got ${got}`;
    this.error = new SandtuneError('ERR_SANDTUNE_RESULT', message, { outcome: 'trap', stage: 'return' });
  }
}

/** @returns the error of what cannot be written to, or what a call in flight writes to already */
export function intoPlace(name: string, into: unknown): ResultPlace | SandtuneError {
  // Also false for a proxy, and for an object that has the prototype alone.
  if (!isUint8Array(into)) return wrongArguments(`${name}: expected into to be a Uint8Array, got ${quoted(into)}`);
  const buffer = bufferOf.call(into);
  if (isDetached(buffer)) return wrongArguments(`${name}: expected into to have its memory, got a detached one`);
  if (buffer instanceof SharedArrayBuffer ? buffer.growable : buffer.resizable)
    return wrongArguments(`${name}: expected into to be of a fixed length, got one of a buffer that can be resized`);
  // What is not to be written is not kept from the copy that is made here by the engine.
  if ((buffer as { readonly immutable?: boolean }).immutable === true)
    return wrongArguments(`${name}: expected into to be memory that can be written to, got an immutable one`);
  const from = byteOffsetOf.call(into);
  const place = new IntoPlace(name, buffer, from, from + byteLengthOf.call(into));
  const others = awaited.get(buffer);
  if (others === undefined) awaited.set(buffer, [place]);
  else if (others.some((other) => other.overlaps(place)))
    return wrongArguments(
      `${name}: expected into to be of this call alone, got memory that another call in flight writes to`,
    );
  else others.push(place);
  return place;
}

function isDetached(buffer: ArrayBufferLike): boolean {
  return buffer instanceof ArrayBuffer && buffer.detached;
}

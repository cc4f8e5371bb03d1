/**
 * Walks the bytes of a WebAssembly module. Every read is checked against the end of its range, so
 * a truncated or hostile module ends in a typed error, never in a wrong answer.
 *
 * @see https://webassembly.github.io/spec/core/binary/ (values: LEB128, names; modules: sections)
 */
import { refusal, SandtuneError } from '../../foundation/errors.ts';

/** The error for bytes that are not a module we can read. */
export function notWasm(message: string, cause?: unknown): SandtuneError {
  return refusal('ERR_SANDTUNE_NOT_WASM', message, cause);
}

const text = new TextDecoder('utf-8', { fatal: true });

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    if (this.offset >= this.end) throw notWasm(`module: expected more bytes at offset ${this.offset}, got the end`);
    return this.bytes[this.offset++] as number;
  }

  /** An unsigned LEB128 integer of at most `bits` bits; exact up to 2^53. */
  unsigned(bits = 32): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value >= 2 ** bits || !Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw notWasm(`module: expected an unsigned integer of ${bits} bits at offset ${start}, got a larger one`);
  }

  /** How many entries follow. A count above `most` is refused before anything is made for it. */
  count(most: number, what: string): number {
    const count = this.unsigned();
    if (count > most) throw notWasm(`module: expected at most ${most} ${what}, got ${count}`);
    return count;
  }

  /** Moves past a signed LEB128 integer of at most `most` bytes (a heap type, a constant). */
  skipSigned(most = 5): void {
    for (let i = 0; i < most; i++) if (this.byte() < 0x80) return;
    throw notWasm(`module: expected an integer that ends at offset ${this.offset}, got a longer one`);
  }

  name(): string {
    const length = this.unsigned();
    const start = this.offset;
    this.skip(length);
    try {
      return text.decode(this.bytes.subarray(start, this.offset));
    } catch (cause) {
      throw notWasm(`module: expected a UTF-8 name at offset ${start}, got other bytes`, cause);
    }
  }

  skip(count: number): void {
    if (count > this.end - this.offset) {
      throw notWasm(`module: expected ${count} bytes at offset ${this.offset}, got ${this.end - this.offset}`);
    }
    this.offset += count;
  }
}

/** Unsigned LEB128 in its shortest form. `value`: an integer from 0 to 2^53 − 1. */
export function unsignedBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/**
 * Binding of a guest that takes and gives bytes in its own memory: what a stream needs of a guest that was
 * built for nothing else. The guest exports its `memory`, `alloc(bytes) → pointer`, and functions
 * `f(pointer, bytes) → i64`, the result's pointer in the upper half and its length in the lower, or
 * `→ (pointer, bytes)`. A length of −1 (all ones) means that there is no result. The result may be anywhere,
 * in place too, and is copied out before the guest is called again; what lies behind a record is the next one, which
 * the guest leaves as it is.
 *
 *   bytes in one piece ─▶ parts of it, into the memory ─▶ f for each record ─▶ results in one piece
 *
 * The functions take the bytes of one record, a batch `{ bytes, ends }`, or one in shared memory, as a stream
 * processor gives them under each of its `takes`, and return the same.
 */
import { copyBytes } from '../foundation/copy-bytes.ts';
import { checkKeys, checkText, expected } from '../foundation/options.ts';
import type { Binding, GuestExports } from './binding.ts';

export interface RecordsOptions {
  /** Exports that transform a record. */
  readonly functions: readonly string[];
  /** The export that gives room for so many bytes, at most until it is called again. @defaultValue 'alloc' */
  readonly alloc?: string;
  /** @defaultValue 'memory' */
  readonly memory?: string;
}

interface Batch {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  /** Shared memory, in which results may be left. */
  readonly into?: Uint8Array;
}

interface BatchOut {
  /** A number: so many bytes of `into`. */
  readonly bytes: Uint8Array | number;
  readonly ends: Uint32Array;
  readonly without: readonly number[];
}

type Transform = (pointer: number, bytes: number) => bigint | readonly [number, number];

/** A memory, whose type is in the browser's library only. */
interface GuestMemory {
  readonly buffer: ArrayBufferLike;
}

/** Records that are put into the guest at once, unless one alone is longer: what was just copied in is still in the cache as it is read. */
const partBytes = 65_536;
const noResult = 0xffff_ffff;
const nothing = new Uint8Array(0);

/**
 * ```js
 * import { records } from 'sandtune/bindings';
 * export const { imports, bind } = records({ functions: ['transform'] });
 * ```
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function records(options: RecordsOptions): Binding {
  checkKeys('records()', options, ['functions', 'alloc', 'memory']);
  const { functions, alloc = 'alloc', memory = 'memory' } = options;
  if (!Array.isArray(functions) || functions.length === 0)
    throw expected('records(): functions', 'a list of at least one name', functions);
  for (const name of [...functions, alloc, memory]) checkText('records()', name);
  return {
    imports: () => undefined,
    bind: (exports) => {
      const guest = guestOf(exports, alloc, memory);
      return Object.fromEntries(
        functions.map((name) => {
          const transform = functionOf<Transform>(exports, name);
          return [name, (given: Uint8Array | Batch) => called(guest, transform, given)];
        }),
      );
    },
  };
}

class Guest {
  readonly #memory: GuestMemory;
  readonly #alloc: (bytes: number) => number;
  #bytes: Uint8Array = new Uint8Array(0);
  #out: Uint8Array = new Uint8Array(65_536);

  constructor(memory: GuestMemory, alloc: (bytes: number) => number) {
    this.#memory = memory;
    this.#alloc = alloc;
  }

  /** Anew after the guest has grown its memory, whose buffer is then another. */
  get bytes(): Uint8Array {
    const { buffer } = this.#memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer);
    return this.#bytes;
  }

  /** @returns where bytes `from` to `to` are @throws {RangeError} where the guest has given less room */
  put(bytes: Uint8Array, from: number, to: number): number {
    const pointer = this.#alloc(to - from) >>> 0;
    copyBytes(bytes, this.bytes, pointer, from, to);
    return pointer;
  }

  /** Where a result is. @throws {RangeError} where that is outside of the memory */
  resultOf(result: bigint | readonly [number, number]): { readonly pointer: number; readonly length: number } {
    const [pointer, length] =
      typeof result === 'bigint'
        ? [Number((result >> 32n) & 0xffff_ffffn), Number(result & 0xffff_ffffn)]
        : [result[0] >>> 0, result[1] >>> 0];
    if (length !== noResult && pointer + length > this.bytes.length)
      throw new RangeError(
        `expected a result inside the memory of ${this.bytes.length} bytes, got ${length} bytes at ${pointer}`,
      );
    return { pointer, length };
  }

  /** Room for results of our own, which begins with the first `keep` bytes of `before`. */
  out(byteLength: number, before: Uint8Array, keep: number): Uint8Array {
    if (byteLength > this.#out.length || before === this.#out)
      this.#out = new Uint8Array(2 ** Math.ceil(Math.log2(Math.max(byteLength, this.#out.length))));
    this.#out.set(before.subarray(0, keep));
    return this.#out;
  }
}

function called(guest: Guest, transform: Transform, given: Uint8Array | Batch): Uint8Array | null | BatchOut {
  if (ArrayBuffer.isView(given)) {
    const { pointer, length } = guest.resultOf(transform(guest.put(given, 0, given.length), given.length));
    return length === noResult ? null : guest.bytes.slice(pointer, pointer + length);
  }
  const { bytes, ends, into } = given;
  const outEnds = new Uint32Array(ends.length);
  const without: number[] = [];
  let out = into ?? guest.out(0, nothing, 0);
  let base = 0;
  /** Records that end up to here lie in the guest. */
  let putUpTo = 0;
  let from = 0;
  let at = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i] as number;
    if (end > putUpTo || i === 0) {
      putUpTo = endOfPart(ends, i, from);
      base = guest.put(bytes, from, putUpTo) - from;
    }
    const { pointer, length } = guest.resultOf(transform(base + from, end - from));
    from = end;
    if (length === noResult) without.push(i);
    else {
      out = at + length <= out.length ? out : guest.out(at + length, out, at);
      copyBytes(guest.bytes, out, at, pointer, pointer + length);
      at += length;
    }
    outEnds[i] = at;
  }
  // It is copied when it is sent, and may be written over by the next call.
  return { bytes: out === into ? at : out.subarray(0, at), ends: outEnds, without };
}

/** Where the records end that are put into the guest together with record `first`, which begins at `from`. */
function endOfPart(ends: Uint32Array, first: number, from: number): number {
  let end = ends[first] as number;
  for (let i = first + 1; i < ends.length && (ends[i] as number) - from <= partBytes; i++) end = ends[i] as number;
  return end;
}

function guestOf(exports: GuestExports, alloc: string, memory: string): Guest {
  const buffer = (exports[memory] as GuestMemory | undefined)?.buffer;
  if (buffer === undefined)
    throw expected('records(): memory', `a guest that exports its memory as '${memory}'`, exports[memory]);
  return new Guest(exports[memory] as GuestMemory, functionOf(exports, alloc));
}

function functionOf<T>(exports: GuestExports, name: string): T {
  const found = exports[name];
  if (typeof found !== 'function') throw expected('records()', `a guest that exports a function '${name}'`, found);
  return found as T;
}

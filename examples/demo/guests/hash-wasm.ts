/**
 * Binding of every hash-wasm guest (runs in the worker, beside the guest): bytes in, digest in hex
 * out. All of them speak the same four functions and differ in three numbers, kept in `recipes`.
 * The binding's URL says which: `hash-wasm.ts?algorithm=sha256`.
 *
 *   bytes ──▶ pieces of ≤ 16 KiB in the guest's buffer ──▶ Hash_Update ──▶ Hash_Final ──▶ hex
 */

export interface Recipe {
  readonly digestBytes: number;
  /** Argument of Hash_Init: size in bits, polynomial; absent where there is none. */
  readonly init?: number;
  /** Argument of Hash_Final: padding, or size in bytes. */
  readonly final?: number;
  /** Hash_Init reads a seed of so many bytes from the buffer; it is 0 here. */
  readonly seedBytes?: number;
}

/** @see hash-wasm/lib, one file per algorithm */
export const recipes = {
  md5: { digestBytes: 16 },
  sha1: { digestBytes: 20 },
  sha256: { digestBytes: 32, init: 256 },
  sha512: { digestBytes: 64, init: 512 },
  sha3: { digestBytes: 64, init: 512, final: 0x06 },
  blake2b: { digestBytes: 64, init: 512 },
  blake2s: { digestBytes: 32, init: 256 },
  blake3: { digestBytes: 32, init: 0, final: 32 },
  ripemd160: { digestBytes: 20 },
  whirlpool: { digestBytes: 64 },
  sm3: { digestBytes: 32 },
  crc32: { digestBytes: 4, init: 0xedb88320 },
  xxhash64: { digestBytes: 8, seedBytes: 8 },
} as const satisfies Record<string, Recipe>;

export type Algorithm = keyof typeof recipes;

interface HashExports {
  readonly memory: WebAssembly.Memory;
  /** Address of the 16 KiB through which everything goes in and out. */
  Hash_GetBuffer(): number;
  Hash_Init(parameter?: number): void;
  Hash_Update(count: number): void;
  /** Leaves the digest at the start of the buffer. */
  Hash_Final(parameter?: number): void;
}

const bufferBytes = 16_384;

export function bind(exports: WebAssembly.Exports): { digest(data: Uint8Array): string } {
  const name = new URL(import.meta.url).searchParams.get('algorithm') ?? '(none)';
  if (!Object.hasOwn(recipes, name)) {
    throw new TypeError(`hash-wasm.ts?algorithm=…: expected one of ${Object.keys(recipes).join(', ')}, got ${name}`);
  }
  return bindAlgorithm(exports, name as Algorithm);
}

export function bindAlgorithm(exports: WebAssembly.Exports, name: Algorithm): { digest(data: Uint8Array): string } {
  const guest = exports as unknown as HashExports;
  const { digestBytes, init, final, seedBytes }: Recipe = recipes[name];
  const at = guest.Hash_GetBuffer();
  let buffer = Buffer.from(guest.memory.buffer, at, bufferBytes);

  return {
    digest(data) {
      if (buffer.buffer !== guest.memory.buffer) buffer = Buffer.from(guest.memory.buffer, at, bufferBytes);
      if (seedBytes !== undefined) buffer.fill(0, 0, seedBytes);
      guest.Hash_Init(init);
      for (let from = 0; from < data.length; from += bufferBytes) {
        const piece = data.length <= bufferBytes ? data : data.subarray(from, from + bufferBytes);
        buffer.set(piece);
        guest.Hash_Update(piece.length);
      }
      guest.Hash_Final(final);
      return buffer.toString('hex', 0, digestBytes);
    },
  };
}

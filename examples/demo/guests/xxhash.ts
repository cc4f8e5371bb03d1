/**
 * Binding of xxhash-wasm (runs in the worker, beside the guest): bytes in, XXH64 with seed 0 in
 * hex out. The guest has one page and no allocator: a short input goes to address 0 at once, a
 * longer one piece by piece behind the 88 bytes of a running state.
 */

interface XxhashExports {
  readonly mem: WebAssembly.Memory;
  xxh64(at: number, count: number, seed: bigint): bigint;
  init64(state: number, seed: bigint): void;
  update64(state: number, at: number, count: number): void;
  digest64(state: number): bigint;
}

const pageBytes = 65_536;
const stateBytes = 88;
const pieceBytes = pageBytes - stateBytes;

export function bind(exports: WebAssembly.Exports): { digest(data: Uint8Array): string } {
  const guest = exports as unknown as XxhashExports;
  const memory = new Uint8Array(guest.mem.buffer, 0, pageBytes);

  function inPieces(data: Uint8Array): bigint {
    // init64 sets the accumulators and leaves the counters as they were.
    memory.fill(0, 0, stateBytes);
    guest.init64(0, 0n);
    for (let from = 0; from < data.length; from += pieceBytes) {
      const piece = data.subarray(from, from + pieceBytes);
      memory.set(piece, stateBytes);
      guest.update64(0, stateBytes, piece.length);
    }
    return guest.digest64(0);
  }

  return {
    digest(data) {
      if (data.length > pageBytes) return hex(inPieces(data));
      memory.set(data);
      return hex(guest.xxh64(0, data.length, 0n));
    },
  };
}

function hex(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16).padStart(16, '0');
}

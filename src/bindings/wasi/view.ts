/** Reads and writes a guest's memory, whose buffer is another one once it has grown. */

export class MemoryView {
  readonly #memory: () => { readonly buffer: ArrayBuffer };

  constructor(memory: () => { readonly buffer: ArrayBuffer }) {
    this.#memory = memory;
  }

  bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory().buffer, at >>> 0, length >>> 0);
  }

  put(at: number, bytes: Uint8Array): void {
    this.bytes(at, bytes.length).set(bytes);
  }

  zero(at: number, length: number): void {
    this.bytes(at, length).fill(0);
  }

  text(at: number, length: number): string {
    return Buffer.from(this.bytes(at, length)).toString();
  }

  u8(at: number, value: number): void {
    this.#data().setUint8(at >>> 0, value);
  }

  u16(at: number, value: number): void {
    this.#data().setUint16(at >>> 0, value, true);
  }

  u32(at: number, value: number): void {
    this.#data().setUint32(at >>> 0, value, true);
  }

  u64(at: number, value: bigint): void {
    this.#data().setBigUint64(at >>> 0, value, true);
  }

  /** The parts of memory that a list of `iovec` names. */
  vectors(at: number, count: number): Uint8Array[] {
    const data = this.#data();
    return Array.from({ length: count }, (_, index) => {
      const entry = (at >>> 0) + 8 * index;
      return this.bytes(data.getUint32(entry, true), data.getUint32(entry + 4, true));
    });
  }

  readU8(at: number): number {
    return this.#data().getUint8(at >>> 0);
  }

  readU16(at: number): number {
    return this.#data().getUint16(at >>> 0, true);
  }

  readU32(at: number): number {
    return this.#data().getUint32(at >>> 0, true);
  }

  readU64(at: number): bigint {
    return this.#data().getBigUint64(at >>> 0, true);
  }

  #data(): DataView {
    return new DataView(this.#memory().buffer);
  }
}

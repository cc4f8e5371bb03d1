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

  /** Answers `poll_oneoff`: waits for the earliest clock where only clocks are asked for; files are always ready. */
  poll(subscriptions: number, events: number, count: number, clock: (id: number) => bigint): void {
    const data = this.#data();
    let waitNs: bigint | undefined;
    for (let index = 0; index < count; index++) {
      const at = (subscriptions >>> 0) + 48 * index;
      const isClock = data.getUint8(at + 8) === 0;
      const timeout = data.getBigUint64(at + 24, true);
      const isAbsolute = (data.getUint16(at + 40, true) & 1) !== 0;
      const ns = !isClock ? 0n : isAbsolute ? timeout - clock(data.getUint32(at + 16, true)) : timeout;
      if (waitNs === undefined || ns < waitNs) waitNs = ns;
      const event = (events >>> 0) + 32 * index;
      this.zero(event, 32);
      data.setBigUint64(event, data.getBigUint64(at, true), true);
      data.setUint8(event + 10, data.getUint8(at + 8));
    }
    const waitMs = Number(waitNs ?? 0n) / 1e6;
    if (waitMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
  }

  #data(): DataView {
    return new DataView(this.#memory().buffer);
  }
}

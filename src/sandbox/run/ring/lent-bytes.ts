/**
 * Memory for the bytes that a worker gives its guests for the time of a call. Taken back by detaching it: what a
 * guest has kept of it is empty then, and can see no later call's.
 */
import { copyBytes } from '../../../foundation/copy-bytes.ts';
import type { BytesPlace } from './values.ts';

const mostKept = 8;
const mostKeptBytes = 4 * 1024 * 1024;

export class LentBytes implements BytesPlace {
  readonly leases = false;
  readonly #free: ArrayBuffer[] = [];
  #freeBytes = 0;
  #lent: ArrayBuffer[] = [];

  take(bytes: Uint8Array): Uint8Array {
    const buffer = this.#bufferOf(bytes.length);
    this.#lent.push(buffer);
    const lent = new Uint8Array(buffer);
    copyBytes(bytes, lent, 0);
    return lent;
  }

  takeLease(): never {
    throw new Error('expected bytes to be copied for a guest');
  }

  /** The call has returned, and what it returned was copied. O(1) where nothing was lent. */
  takeBack(): void {
    const lent = this.#lent;
    if (lent.length === 0) return;
    this.#lent = [];
    for (const buffer of lent) {
      // It may have been moved to another thread by the guest's binding.
      if (buffer.detached) continue;
      const taken = buffer.transfer();
      if (this.#free.length >= mostKept) this.#freeBytes -= this.#free.shift()?.byteLength ?? 0;
      if (this.#freeBytes + taken.byteLength > mostKeptBytes) continue;
      this.#free.push(taken);
      this.#freeBytes += taken.byteLength;
    }
  }

  /** One of exactly this length: a guest may look at the whole buffer. */
  #bufferOf(byteLength: number): ArrayBuffer {
    const free = this.#free;
    for (let i = free.length - 1; i >= 0; i--) {
      if (free[i]?.byteLength !== byteLength) continue;
      const [buffer] = free.splice(i, 1) as [ArrayBuffer];
      this.#freeBytes -= byteLength;
      return buffer;
    }
    return new ArrayBuffer(byteLength);
  }
}

/** One place a guest, for its functions alone, as something of one may still read what it was lent; null where it is lent nothing. */
export function lentByFunction(
  functions: readonly (readonly [guest: number, ...unknown[]])[],
  lends: (guest: number) => boolean,
): readonly (LentBytes | null)[] {
  const ofGuests = new Map<number, LentBytes>();
  return functions.map(([guest]) => {
    if (!lends(guest)) return null;
    const lent = ofGuests.get(guest) ?? new LentBytes();
    ofGuests.set(guest, lent);
    return lent;
  });
}

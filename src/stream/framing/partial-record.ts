/**
 * The record that has begun in earlier pieces and has not ended. What is kept of it is bounded: of one
 * that turns out longer than `maxRecordBytes` only its beginning, for whoever looks at the dead letter.
 */
const keptOfTooLong = 1024;
const nothing = new Uint8Array(0);

export class PartialRecord {
  readonly #maxRecordBytes: number;
  #parts: Uint8Array[] = [];
  #keptBytes = 0;
  /** Of the record so far, kept or not. */
  byteLength = 0;

  constructor(maxRecordBytes: number) {
    this.#maxRecordBytes = maxRecordBytes;
  }

  get heldBytes(): number {
    return this.#keptBytes;
  }

  get isTooLong(): boolean {
    return this.byteLength > this.#maxRecordBytes;
  }

  /** A copy is kept, so that the piece can be let go. */
  add(bytes: Uint8Array): void {
    this.byteLength += bytes.length;
    if (!this.isTooLong) {
      if (bytes.length > 0) this.#keep(bytes.slice());
      return;
    }
    const head = Math.min(keptOfTooLong, this.#maxRecordBytes);
    if (this.#keptBytes < head) this.#keep(bytes.slice(0, head - this.#keptBytes));
    if (this.#keptBytes > head) {
      this.#parts = [joined(this.#parts, this.#keptBytes).slice(0, head)];
      this.#keptBytes = head;
    }
  }

  /** The record with `tail` as its end, or the beginning of one that is too long; the next one begins. */
  end(tail: Uint8Array): { readonly bytes: Uint8Array; readonly byteLength: number; readonly tooLong: boolean } {
    const whole = this.byteLength === 0 && tail.length <= this.#maxRecordBytes;
    if (!whole) this.add(tail);
    const bytes = whole ? tail : joined(this.#parts, this.#keptBytes);
    const ended = { bytes, byteLength: whole ? tail.length : this.byteLength, tooLong: this.isTooLong };
    this.#parts = [];
    this.#keptBytes = 0;
    this.byteLength = 0;
    return ended;
  }

  #keep(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#keptBytes += bytes.length;
  }
}

function joined(parts: readonly Uint8Array[], byteLength: number): Uint8Array {
  if (parts.length <= 1) return parts[0] ?? nothing;
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

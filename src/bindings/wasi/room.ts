/**
 * How much a guest's files and streams may still grow together: they are in the host's memory, which no cap
 * covers. What is deleted gives nothing back.
 */

const mostBytes = 256 * 2 ** 20;
/** What a file or folder takes besides its content: a block, as on a disk. */
const entryBytes = 4096;

export class Room {
  #bytes = mostBytes;

  /** Whether a file may have this length; if so, the room it takes is taken. */
  forLength(file: { readonly bytes: Uint8Array }, length: number): boolean {
    return this.#take(Math.max(0, length - file.bytes.length));
  }

  /** Whether there may be another file or folder; if so, the room it takes is taken. */
  forEntry(): boolean {
    return this.#take(entryBytes);
  }

  #take(bytes: number): boolean {
    // Also of a length that is no number at all.
    if (!(bytes <= this.#bytes)) return false;
    this.#bytes -= bytes;
    return true;
  }
}

/**
 * A file that is open, and whether it still stands where it was opened: what is written to one that was removed, or
 * has another in its place, is gone with its process, however durable it is.
 */
import { type BigIntStats, statSync } from 'node:fs';

export class StandingFile {
  readonly #path: string;
  readonly #opened: BigIntStats | undefined;

  /** @param path of a file that is open and stays so: its inode is given to no other meanwhile; of none, nothing is checked */
  constructor(path: string) {
    this.#path = path;
    this.#opened = statOf(path);
  }

  /** @throws {Error} */
  check(): void {
    if (!this.#opened) return;
    const now = statOf(this.#path);
    if (now?.ino === this.#opened.ino && now.dev === this.#opened.dev) return;
    const got = now ? 'another one was put in its place' : 'it was removed or moved';
    throw new Error(`${this.#path}: expected the file to stay where it is, ${got}`);
  }
}

function statOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

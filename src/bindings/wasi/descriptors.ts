/** The open files of a WASI guest by their numbers: 0 to 2 are the standard streams, 3 is the root. */
import type { FolderNode, Node } from './files.ts';

/** @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno */
export const errno = {
  success: 0,
  badf: 8,
  exist: 20,
  inval: 28,
  isdir: 31,
  noent: 44,
  nospc: 51,
  nosys: 52,
  notdir: 54,
  notempty: 55,
  spipe: 70,
} as const;

/** All rights there are; of a stream: those to read, to write, to ask what it is. */
export const rights = { all: 0x1fff_ffffn, stream: 0x820_004an } as const;

export interface StreamNode {
  readonly kind: 'stream';
  bytes: Uint8Array;
}

export interface OpenFile {
  readonly node: Node | StreamNode;
  offset: number;
  append: boolean;
}

export class Descriptors {
  readonly rootFd = 3;
  readonly #open = new Map<number, OpenFile>();
  readonly #streams: readonly StreamNode[];
  readonly #inodes = new Map<object, number>();

  constructor(root: FolderNode, stdin: Uint8Array) {
    this.#streams = [stdin, new Uint8Array(), new Uint8Array()].map((bytes) => ({ kind: 'stream', bytes }));
    for (const node of [...this.#streams, root]) this.open({ node, offset: 0, append: false });
  }

  get(fd: number): OpenFile | undefined {
    return this.#open.get(fd);
  }

  /** @returns the lowest number that is free */
  open(file: OpenFile): number {
    let fd = 0;
    while (this.#open.has(fd)) fd++;
    this.#open.set(fd, file);
    return fd;
  }

  close(fd: number): boolean {
    return this.#open.delete(fd);
  }

  renumber(from: number, to: number): boolean {
    const file = this.#open.get(from);
    if (!file || !this.#open.has(to)) return false;
    this.#open.set(to, file);
    this.#open.delete(from);
    return true;
  }

  inodeOf(node: object): number {
    const known = this.#inodes.get(node) ?? this.#inodes.size + 1;
    this.#inodes.set(node, known);
    return known;
  }

  outputOf(fd: 1 | 2): Uint8Array {
    return (this.#streams[fd] as StreamNode).bytes;
  }
}

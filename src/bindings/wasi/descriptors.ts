/** The open files of a WASI guest by their numbers: 0 to 2 are the standard streams, then come the folders it finds open. */
import type { FolderNode, Node } from './files.ts';

/** @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno */
export const errno = {
  success: 0,
  badf: 8,
  busy: 10,
  exist: 20,
  inval: 28,
  isdir: 31,
  nametoolong: 37,
  nfile: 41,
  noent: 44,
  nospc: 51,
  nosys: 52,
  notdir: 54,
  notempty: 55,
  spipe: 70,
} as const;

/** All rights there are; of a stream: those to read, to write, to ask what it is. */
export const rights = { all: 0x1fff_ffffn, stream: 0x820_004an } as const;

/** A stream is neither a file nor a terminal, as a pipe is: a guest that writes to it buffers, and uses no colours. */
export const fileTypes = { stream: 0, folder: 3, file: 4 } as const;

/** Of the flags of an open file. */
export const appendFlag = 1;

/** Names of the root that a guest finds open. C libraries of before 2021 look for relative paths under '.' alone. */
const rootNames = ['/', '.'] as const;

/** Each is an object in the host's memory. */
const mostOpen = 1024;

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
  readonly #open = new Map<number, OpenFile>();
  readonly #streams: readonly StreamNode[];
  readonly #inodes = new Map<object, number>();
  readonly #rootNames = new Map<number, string>();

  constructor(root: FolderNode, stdin: Uint8Array) {
    this.#streams = [stdin, new Uint8Array(), new Uint8Array()].map((bytes) => ({ kind: 'stream', bytes }));
    for (const node of this.#streams) this.open(node);
    for (const name of rootNames) this.#rootNames.set(this.open(root) as number, name);
  }

  get(fd: number): OpenFile | undefined {
    return this.#open.get(fd);
  }

  /** Under which name the guest found this folder open; undefined where it did not. */
  rootNameOf(fd: number): string | undefined {
    return this.#open.has(fd) ? this.#rootNames.get(fd) : undefined;
  }

  /** @returns the lowest number that is free; undefined where too many files are open */
  open(node: OpenFile['node'], append = false): number | undefined {
    if (this.#open.size >= mostOpen) return undefined;
    let fd = 0;
    while (this.#open.has(fd)) fd++;
    this.#open.set(fd, { node, offset: 0, append });
    return fd;
  }

  close(fd: number): boolean {
    return this.#open.delete(fd);
  }

  renumber(from: number, to: number): boolean {
    const file = this.#open.get(from);
    if (!file || !this.#open.has(to)) return false;
    this.#open.delete(from);
    this.#open.set(to, file);
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

/** Files in memory: what a WASI guest sees as its root. Nothing of the host's own files is in it. */
import { copyOfBytes } from '../../foundation/copy-bytes.ts';

interface FileNode {
  readonly kind: 'file';
  bytes: Uint8Array;
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly entries: Map<string, Node>;
}

export type Node = FileNode | FolderNode;

export function folder(): FolderNode {
  return { kind: 'folder', entries: new Map() };
}

/** @param files path → content */
export function treeOf(files: Readonly<Record<string, string | Uint8Array>>): FolderNode {
  const root = folder();
  for (const [path, content] of Object.entries(files)) {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) throw new TypeError(`files: expected the path of a file, got ${JSON.stringify(path)}`);
    let at = root;
    for (const name of names) {
      const known = at.entries.get(name);
      if (known?.kind === 'file') throw new TypeError(`files: expected a folder at ${name} of ${path}, got a file`);
      const next = known ?? folder();
      at.entries.set(name, next);
      at = next;
    }
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : copyOfBytes(content);
    at.entries.set(last, { kind: 'file', bytes });
  }
  return root;
}

/** Copies of the files of a tree by their paths, which begin with a slash. */
export function filesOf(root: FolderNode, path = ''): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const [name, node] of root.entries) {
    if (node.kind === 'file') files[`${path}/${name}`] = node.bytes.slice();
    else Object.assign(files, filesOf(node, `${path}/${name}`));
  }
  return files;
}

/** Names on the way to a path; `..` never leads out of the root. */
function namesOf(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names;
}

export interface Found {
  readonly parent: FolderNode;
  readonly name: string;
  readonly node: Node | undefined;
}

/** Where a path leads, from a folder on. undefined: a folder on the way is missing. */
export function find(from: FolderNode, path: string): Found | undefined {
  const names = namesOf(path);
  const name = names.pop();
  if (name === undefined) return { parent: from, name: '', node: from };
  let parent = from;
  for (const one of names) {
    const next = parent.entries.get(one);
    if (next?.kind !== 'folder') return undefined;
    parent = next;
  }
  return { parent, name, node: parent.entries.get(name) };
}

/** True for the folder itself, and for one in it however deep. */
export function isWithin(inner: FolderNode, outer: FolderNode): boolean {
  if (inner === outer) return true;
  return [...outer.entries.values()].some((node) => node.kind === 'folder' && isWithin(inner, node));
}

/** What grows as it is written to: a file, or a stream. */
interface Content {
  bytes: Uint8Array;
}

/** Writes at an offset; the file grows as far as it must. */
export function writeAt(file: Content, offset: number, bytes: Uint8Array): void {
  const end = offset + bytes.length;
  if (end > file.bytes.length) resize(file, end);
  file.bytes.set(bytes, offset);
}

export function resize(file: Content, length: number): void {
  if (length <= file.bytes.length) {
    file.bytes = file.bytes.subarray(0, length);
    return;
  }
  // Room to grow, so that a file that is written in pieces is not copied at each of them.
  const room = file.bytes.buffer.byteLength - file.bytes.byteOffset;
  if (length <= room) {
    const before = file.bytes.length;
    file.bytes = new Uint8Array(file.bytes.buffer, file.bytes.byteOffset, length);
    file.bytes.fill(0, before);
    return;
  }
  const larger = new Uint8Array(new ArrayBuffer(Math.max(length, 2 * room)), 0, length);
  larger.set(file.bytes);
  file.bytes = larger;
}

/** The functions of WASI that take an open file, folder or stream by its number. */
import { appendFlag, type Descriptors, errno, fileTypes, type OpenFile, rights } from './descriptors.ts';
import { resize, writeAt } from './files.ts';
import type { Layout } from './layout.ts';
import type { Room } from './room.ts';
import type { MemoryView } from './view.ts';

export interface FileParts {
  readonly view: MemoryView;
  readonly fds: Descriptors;
  readonly room: Room;
  readonly layout: Layout;
}

/** Offsets and lengths are unsigned, and arrive as if they had a sign; beyond 2^53 there is no room for any. */
const unsigned = (value: bigint): number => Number(BigInt.asUintN(64, value));

export function fdFunctions({ view, fds, room, layout }: FileParts) {
  const withFile = (fd: number, use: (file: OpenFile) => number): number => {
    const file = fds.get(fd);
    return file ? use(file) : errno.badf;
  };
  const setLength = ({ node }: OpenFile, length: number): number => {
    if (node.kind !== 'file') return errno.badf;
    if (!room.forLength(node, length)) return errno.nospc;
    resize(node, length);
    return errno.success;
  };
  /** @param given where to begin; undefined: at the file's own offset, which moves on */
  const read = (file: OpenFile, vectors: number, count: number, given: number | undefined, done: number): number => {
    const { node } = file;
    if (node.kind === 'folder') return errno.isdir;
    const from = given ?? file.offset;
    let offset = from;
    for (const part of view.vectors(vectors, count)) {
      const piece = node.bytes.subarray(offset, offset + part.length);
      part.set(piece);
      offset += piece.length;
      if (piece.length < part.length) break;
    }
    if (given === undefined) file.offset = offset;
    view.u32(done, offset - from);
    return errno.success;
  };
  const write = (file: OpenFile, vectors: number, count: number, given: number | undefined, done: number): number => {
    const { node, append } = file;
    if (node.kind === 'folder') return errno.isdir;
    const from = append || node.kind === 'stream' ? node.bytes.length : (given ?? file.offset);
    let offset = from;
    for (const part of view.vectors(vectors, count)) {
      if (!room.forLength(node, offset + part.length)) return errno.nospc;
      writeAt(node, offset, part);
      offset += part.length;
    }
    if (given === undefined) file.offset = offset;
    view.u32(done, offset - from);
    return errno.success;
  };
  return {
    fd_advise: () => errno.success,
    fd_allocate: (fd: number, offset: bigint, length: bigint) =>
      withFile(fd, (file) => {
        const least = unsigned(offset) + unsigned(length);
        return setLength(file, file.node.kind === 'file' ? Math.max(file.node.bytes.length, least) : least);
      }),
    fd_close: (fd: number) => (fds.close(fd) ? errno.success : errno.badf),
    fd_datasync: () => errno.success,
    fd_sync: () => errno.success,
    fd_fdstat_get: (fd: number, at: number) =>
      withFile(fd, ({ node, append }) => {
        const isStream = node.kind === 'stream';
        view.zero(at, 24);
        view.u8(at, fileTypes[node.kind]);
        view.u16(at + 2, append ? appendFlag : 0);
        view.u64(at + 8, isStream ? rights.stream : rights.all);
        view.u64(at + 16, isStream ? 0n : rights.all);
        return errno.success;
      }),
    fd_fdstat_set_flags: (fd: number, flags: number) =>
      withFile(fd, (file) => {
        file.append = (flags & appendFlag) !== 0;
        return errno.success;
      }),
    fd_fdstat_set_rights: () => errno.success,
    fd_filestat_get: (fd: number, at: number) =>
      withFile(fd, ({ node }) => {
        putFileStat(view, layout, at, node, fds.inodeOf(node));
        return errno.success;
      }),
    fd_filestat_set_size: (fd: number, size: bigint) => withFile(fd, (file) => setLength(file, unsigned(size))),
    fd_filestat_set_times: () => errno.success,
    fd_pread: (fd: number, vectors: number, count: number, offset: bigint, done: number) =>
      withFile(fd, (file) =>
        file.node.kind === 'stream' ? errno.spipe : read(file, vectors, count, unsigned(offset), done),
      ),
    fd_pwrite: (fd: number, vectors: number, count: number, offset: bigint, done: number) =>
      withFile(fd, (file) =>
        file.node.kind === 'stream' ? errno.spipe : write(file, vectors, count, unsigned(offset), done),
      ),
    fd_read: (fd: number, vectors: number, count: number, done: number) =>
      withFile(fd, (file) => read(file, vectors, count, undefined, done)),
    fd_write: (fd: number, vectors: number, count: number, done: number) =>
      withFile(fd, (file) => write(file, vectors, count, undefined, done)),
    fd_prestat_get: (fd: number, at: number) => {
      const name = fds.rootNameOf(fd);
      if (name === undefined) return errno.badf;
      view.u32(at, 0);
      view.u32(at + 4, name.length);
      return errno.success;
    },
    fd_prestat_dir_name: (fd: number, at: number, length: number) => {
      const name = fds.rootNameOf(fd);
      if (name === undefined) return errno.badf;
      if (length < name.length) return errno.inval;
      view.put(at, Buffer.from(name));
      return errno.success;
    },
    fd_readdir: (fd: number, at: number, length: number, cookie: bigint, done: number) =>
      withFile(fd, ({ node }) => {
        if (node.kind !== 'folder') return errno.notdir;
        const pieces: Buffer[] = [];
        let bytes = 0;
        let next = unsigned(cookie);
        for (const [name, entry] of [...node.entries].slice(next)) {
          if (bytes >= length) break;
          const text = Buffer.from(name);
          const head = Buffer.alloc(24);
          head.writeBigUInt64LE(BigInt(++next), 0);
          head.writeBigUInt64LE(BigInt(fds.inodeOf(entry)), 8);
          head.writeUInt32LE(text.length, 16);
          head.writeUInt8(fileTypes[entry.kind], 20);
          pieces.push(head, text);
          bytes += head.length + text.length;
        }
        const listed = Buffer.concat(pieces).subarray(0, length);
        view.put(at, listed);
        view.u32(done, listed.length);
        return errno.success;
      }),
    fd_renumber: (from: number, to: number) => (fds.renumber(from, to) ? errno.success : errno.badf),
    fd_seek: (fd: number, by: bigint, whence: number, at: number) =>
      withFile(fd, (file) => {
        const { node } = file;
        if (node.kind !== 'file') return errno.spipe;
        const from = { start: 0, current: file.offset, end: node.bytes.length, none: Number.NaN };
        const offset = from[layout.whence[whence as 0 | 1 | 2] ?? 'none'] + Number(by);
        if (!(offset >= 0 && offset <= Number.MAX_SAFE_INTEGER)) return errno.inval;
        file.offset = offset;
        view.u64(at, BigInt(offset));
        return errno.success;
      }),
    fd_tell: (fd: number, at: number) =>
      withFile(fd, ({ node, offset }) => {
        if (node.kind !== 'file') return errno.spipe;
        view.u64(at, BigInt(offset));
        return errno.success;
      }),
  };
}

/** What there is to know of a file, folder or stream, as a guest reads it. */
export function putFileStat(
  view: MemoryView,
  { fileStat }: Layout,
  at: number,
  node: OpenFile['node'],
  inode: number,
): void {
  view.zero(at, fileStat.bytes);
  view.u64(at + 8, BigInt(inode));
  view.u8(at + 16, fileTypes[node.kind]);
  view.u32(at + fileStat.links, 1);
  view.u64(at + fileStat.size, BigInt(node.kind === 'file' ? node.bytes.length : 0));
}

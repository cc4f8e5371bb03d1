/**
 * The functions of `wasi_snapshot_preview1` over files in memory: arguments, environment, clocks, random
 * bytes, standard streams, files under `/`. A function that is not here answers ENOSYS.
 * @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
import { randomFillSync } from 'node:crypto';
import { systemClock } from '../../foundation/clock.ts';
import { Descriptors, errno, type OpenFile, rights } from './descriptors.ts';
import { type FolderNode, find, folder, resize, writeAt } from './files.ts';
import { MemoryView } from './view.ts';

export { errno } from './descriptors.ts';

/** Thrown by `proc_exit`, to leave the guest. */
export class WasiExit extends Error {
  override readonly name = 'WasiExit';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the guest ended with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

export interface WasiSurroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  readonly root: FolderNode;
}

export interface WasiHost {
  readonly imports: Readonly<Record<string, (...args: never[]) => unknown>>;
  /** What has been written to the standard streams. */
  output(fd: 1 | 2): Uint8Array;
}

/** By how much a guest's files and streams may grow together: they are in the host's memory, which no cap covers. */
const mostWrittenBytes = 256 * 2 ** 20;

const fileTypes = { folder: 3, file: 4, character: 2 } as const;

/** @param memory of the guest; asked for at each call, because memory that grows gets a new buffer */
export function wasiHost(
  { args, env, stdin, root }: WasiSurroundings,
  memory: () => { readonly buffer: ArrayBuffer },
): WasiHost {
  const fds = new Descriptors(root, stdin);
  const view = new MemoryView(memory);
  const strings = {
    args: args.map((one) => Buffer.from(`${one}\0`)),
    environ: Object.entries(env).map(([name, value]) => Buffer.from(`${name}=${value}\0`)),
  };

  const sizes = (list: readonly Buffer[]) => (count: number, bytes: number) => {
    view.u32(count, list.length);
    view.u32(
      bytes,
      list.reduce((sum, { length }) => sum + length, 0),
    );
    return errno.success;
  };
  const get = (list: readonly Buffer[]) => (pointers: number, at: number) => {
    let to = at;
    list.forEach((bytes, index) => {
      view.u32(pointers + 4 * index, to);
      view.put(to, bytes);
      to += bytes.length;
    });
    return errno.success;
  };
  let room = mostWrittenBytes;
  /** Whether a file may have this length; if so, the room it takes is taken. */
  const mayHave = (node: { readonly bytes: Uint8Array }, length: number): boolean => {
    const growth = Math.max(0, length - node.bytes.length);
    if (!(growth <= room)) return false;
    room -= growth;
    return true;
  };
  const withFile = (fd: number, use: (file: OpenFile) => number): number => {
    const file = fds.get(fd);
    return file ? use(file) : errno.badf;
  };
  const fileStat = (at: number, node: OpenFile['node']) => {
    view.zero(at, 64);
    view.u64(at + 8, BigInt(fds.inodeOf(node)));
    view.u8(at + 16, node.kind === 'stream' ? fileTypes.character : fileTypes[node.kind]);
    view.u64(at + 24, 1n);
    view.u64(at + 32, BigInt(node.kind === 'file' ? node.bytes.length : 0));
    return errno.success;
  };
  const read = (file: OpenFile, vectors: number, count: number, from: number | undefined, done: number) => {
    if (file.node.kind === 'folder') return errno.isdir;
    let offset = from ?? file.offset;
    let bytes = 0;
    for (const part of view.vectors(vectors, count)) {
      const piece = file.node.bytes.subarray(offset, offset + part.length);
      part.set(piece);
      offset += piece.length;
      bytes += piece.length;
      if (piece.length < part.length) break;
    }
    if (from === undefined) file.offset = offset;
    view.u32(done, bytes);
    return errno.success;
  };
  const write = (file: OpenFile, vectors: number, count: number, from: number | undefined, done: number) => {
    const { node } = file;
    if (node.kind === 'folder') return errno.isdir;
    let offset = file.append || node.kind === 'stream' ? node.bytes.length : (from ?? file.offset);
    let bytes = 0;
    for (const part of view.vectors(vectors, count)) {
      if (!mayHave(node, offset + part.length)) return errno.nospc;
      writeAt(node as never, offset, part);
      offset += part.length;
      bytes += part.length;
    }
    if (from === undefined) file.offset = offset;
    view.u32(done, bytes);
    return errno.success;
  };
  const inFolder = (
    fd: number,
    path: number,
    length: number,
    use: (found: NonNullable<ReturnType<typeof find>>) => number,
  ): number => {
    const base = fds.get(fd);
    if (base?.node.kind !== 'folder') return base ? errno.notdir : errno.badf;
    const found = find(base.node, view.text(path, length));
    return found ? use(found) : errno.noent;
  };
  const clock = (id: number): bigint => {
    const sinceStartMs = systemClock.now();
    const ms = id === 0 ? systemClock.timeOrigin + sinceStartMs : sinceStartMs;
    return BigInt(Math.round(ms * 1000)) * 1000n;
  };

  const imports = {
    args_get: get(strings.args),
    args_sizes_get: sizes(strings.args),
    environ_get: get(strings.environ),
    environ_sizes_get: sizes(strings.environ),
    clock_res_get: (_id: number, at: number) => (view.u64(at, 1000n), errno.success),
    clock_time_get: (id: number, _precision: bigint, at: number) => (view.u64(at, clock(id)), errno.success),
    random_get: (at: number, length: number) => (randomFillSync(view.bytes(at, length)), errno.success),
    proc_exit: (code: number) => {
      throw new WasiExit(code);
    },
    proc_raise: () => errno.nosys,
    sched_yield: () => errno.success,
    fd_advise: () => errno.success,
    fd_allocate: (fd: number, offset: bigint, length: bigint) =>
      withFile(fd, ({ node }) => {
        if (node.kind !== 'file') return errno.badf;
        const least = Math.max(node.bytes.length, Number(offset + length));
        if (!mayHave(node, least)) return errno.nospc;
        resize(node, least);
        return errno.success;
      }),
    fd_close: (fd: number) => (fds.close(fd) ? errno.success : errno.badf),
    fd_datasync: () => errno.success,
    fd_sync: () => errno.success,
    fd_fdstat_get: (fd: number, at: number) =>
      withFile(fd, ({ node, append }) => {
        view.zero(at, 24);
        view.u8(at, node.kind === 'stream' ? fileTypes.character : fileTypes[node.kind]);
        view.u16(at + 2, append ? 1 : 0);
        view.u64(at + 8, node.kind === 'stream' ? rights.stream : rights.all);
        view.u64(at + 16, node.kind === 'stream' ? 0n : rights.all);
        return errno.success;
      }),
    fd_fdstat_set_flags: (fd: number, flags: number) =>
      withFile(fd, (file) => {
        file.append = (flags & 1) !== 0;
        return errno.success;
      }),
    fd_fdstat_set_rights: () => errno.success,
    fd_filestat_get: (fd: number, at: number) => withFile(fd, ({ node }) => fileStat(at, node)),
    fd_filestat_set_size: (fd: number, size: bigint) =>
      withFile(fd, ({ node }) => {
        if (node.kind !== 'file') return errno.badf;
        if (!mayHave(node, Number(size))) return errno.nospc;
        resize(node, Number(size));
        return errno.success;
      }),
    fd_filestat_set_times: () => errno.success,
    fd_pread: (fd: number, vectors: number, count: number, offset: bigint, done: number) =>
      withFile(fd, (file) =>
        file.node.kind === 'stream' ? errno.spipe : read(file, vectors, count, Number(offset), done),
      ),
    fd_pwrite: (fd: number, vectors: number, count: number, offset: bigint, done: number) =>
      withFile(fd, (file) =>
        file.node.kind === 'stream' ? errno.spipe : write(file, vectors, count, Number(offset), done),
      ),
    fd_read: (fd: number, vectors: number, count: number, done: number) =>
      withFile(fd, (file) => read(file, vectors, count, undefined, done)),
    fd_write: (fd: number, vectors: number, count: number, done: number) =>
      withFile(fd, (file) => write(file, vectors, count, undefined, done)),
    fd_prestat_get: (fd: number, at: number) => {
      if (fd !== fds.rootFd) return errno.badf;
      view.u32(at, 0);
      view.u32(at + 4, 1);
      return errno.success;
    },
    fd_prestat_dir_name: (fd: number, at: number, length: number) => {
      if (fd !== fds.rootFd) return errno.badf;
      if (length < 1) return errno.inval;
      view.u8(at, 0x2f);
      return errno.success;
    },
    fd_readdir: (fd: number, at: number, length: number, cookie: bigint, done: number) =>
      withFile(fd, ({ node }) => {
        if (node.kind !== 'folder') return errno.notdir;
        const listed = Buffer.concat(
          [...node.entries].slice(Number(cookie)).map(([name, entry], index) => {
            const text = Buffer.from(name);
            const head = Buffer.alloc(24);
            head.writeBigUInt64LE(cookie + BigInt(index) + 1n, 0);
            head.writeBigUInt64LE(BigInt(fds.inodeOf(entry)), 8);
            head.writeUInt32LE(text.length, 16);
            head.writeUInt8(fileTypes[entry.kind], 20);
            return Buffer.concat([head, text]);
          }),
        ).subarray(0, length);
        view.put(at, listed);
        view.u32(done, listed.length);
        return errno.success;
      }),
    fd_renumber: (from: number, to: number) => (fds.renumber(from, to) ? errno.success : errno.badf),
    fd_seek: (fd: number, by: bigint, whence: number, at: number) =>
      withFile(fd, (file) => {
        if (file.node.kind !== 'file') return errno.spipe;
        const base = whence === 0 ? 0 : whence === 1 ? file.offset : file.node.bytes.length;
        const offset = base + Number(by);
        if (offset < 0) return errno.inval;
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
    path_create_directory: (fd: number, path: number, length: number) =>
      inFolder(fd, path, length, ({ parent, name, node }) => {
        if (node) return errno.exist;
        parent.entries.set(name, folder());
        return errno.success;
      }),
    path_filestat_get: (fd: number, _flags: number, path: number, length: number, at: number) =>
      inFolder(fd, path, length, ({ node }) => (node ? fileStat(at, node) : errno.noent)),
    path_filestat_set_times: () => errno.success,
    path_open: (
      fd: number,
      _lookup: number,
      path: number,
      length: number,
      how: number,
      _rights: bigint,
      _inherited: bigint,
      flags: number,
      opened: number,
    ) =>
      inFolder(fd, path, length, ({ parent, name, node: found }) => {
        const [create, onlyFolder, exclusive, truncate] = [1, 2, 4, 8].map((bit) => (how & bit) !== 0);
        if (found && create && exclusive) return errno.exist;
        if (!found && !create) return errno.noent;
        if (onlyFolder && found?.kind !== 'folder') return errno.notdir;
        const node = found ?? { kind: 'file' as const, bytes: new Uint8Array() };
        if (!found) parent.entries.set(name, node);
        if (truncate && node.kind === 'file') node.bytes = new Uint8Array();
        view.u32(opened, fds.open({ node, offset: 0, append: (flags & 1) !== 0 }));
        return errno.success;
      }),
    path_remove_directory: (fd: number, path: number, length: number) =>
      inFolder(fd, path, length, ({ parent, name, node }) => {
        if (node?.kind !== 'folder') return node ? errno.notdir : errno.noent;
        if (node.entries.size > 0) return errno.notempty;
        parent.entries.delete(name);
        return errno.success;
      }),
    path_rename: (fd: number, from: number, fromLength: number, toFd: number, to: number, toLength: number) =>
      inFolder(fd, from, fromLength, ({ parent, name, node }) => {
        if (!node) return errno.noent;
        return inFolder(toFd, to, toLength, (target) => {
          parent.entries.delete(name);
          target.parent.entries.set(target.name, node);
          return errno.success;
        });
      }),
    path_unlink_file: (fd: number, path: number, length: number) =>
      inFolder(fd, path, length, ({ parent, name, node }) => {
        if (node?.kind !== 'file') return node ? errno.isdir : errno.noent;
        parent.entries.delete(name);
        return errno.success;
      }),
    poll_oneoff: (subscriptions: number, events: number, count: number, done: number) => {
      view.poll(subscriptions, events, count, clock);
      view.u32(done, count);
      return errno.success;
    },
  };
  return { imports, output: (fd) => fds.outputOf(fd) };
}

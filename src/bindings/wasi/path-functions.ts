/** The functions of WASI that take a path from an open folder on. There are no links. */
import { appendFlag, errno } from './descriptors.ts';
import { type FileParts, putFileStat } from './fd-functions.ts';
import { type Found, find, folder, isWithin, type Node } from './files.ts';

/** Characters. V8 takes longer and longer to tell very long names apart. */
const longestName = 255;

const openFlags = { create: 1, folder: 2, exclusive: 4, truncate: 8 } as const;

export function pathFunctions({ view, fds, room, layout }: FileParts) {
  const inFolder = (fd: number, path: number, length: number, use: (found: Found) => number): number => {
    const base = fds.get(fd);
    if (base?.node.kind !== 'folder') return base ? errno.notdir : errno.badf;
    const found = find(base.node, view.text(path, length));
    return found ? use(found) : errno.noent;
  };
  /** Puts a file or folder where a path leads. */
  const made = ({ parent, name }: Found, node: Node): number => {
    if (name.length > longestName) return errno.nametoolong;
    if (!room.forEntry()) return errno.nospc;
    parent.entries.set(name, node);
    return errno.success;
  };
  return {
    path_create_directory: (fd: number, path: number, length: number) =>
      inFolder(fd, path, length, (found) => (found.node ? errno.exist : made(found, folder()))),
    path_filestat_get: (fd: number, _flags: number, path: number, length: number, at: number) =>
      inFolder(fd, path, length, ({ node }) => {
        if (!node) return errno.noent;
        putFileStat(view, layout, at, node, fds.inodeOf(node));
        return errno.success;
      }),
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
      inFolder(fd, path, length, (found) => {
        const wants = (flag: number) => (how & flag) !== 0;
        if (found.node && wants(openFlags.create) && wants(openFlags.exclusive)) return errno.exist;
        if (!found.node && !wants(openFlags.create)) return errno.noent;
        if (wants(openFlags.folder) && found.node?.kind !== 'folder') return errno.notdir;
        const node = found.node ?? { kind: 'file' as const, bytes: new Uint8Array() };
        const put = found.node ? errno.success : made(found, node);
        if (put !== errno.success) return put;
        const number = fds.open(node, (flags & appendFlag) !== 0);
        if (number === undefined) return errno.nfile;
        if (wants(openFlags.truncate) && node.kind === 'file') node.bytes = new Uint8Array();
        view.u32(opened, number);
        return errno.success;
      }),
    /** A C library asks this of each part of a path, and takes `inval` for "no link". */
    path_readlink: (fd: number, path: number, length: number) =>
      inFolder(fd, path, length, ({ node }) => (node ? errno.inval : errno.noent)),
    path_remove_directory: (fd: number, path: number, length: number) =>
      inFolder(fd, path, length, ({ parent, name, node }) => {
        if (node?.kind !== 'folder') return node ? errno.notdir : errno.noent;
        if (name === '') return errno.busy;
        if (node.entries.size > 0) return errno.notempty;
        parent.entries.delete(name);
        return errno.success;
      }),
    path_rename: (fd: number, from: number, fromLength: number, toFd: number, to: number, toLength: number) =>
      inFolder(fd, from, fromLength, ({ parent, name, node }) => {
        if (!node) return errno.noent;
        return inFolder(toFd, to, toLength, (target) => {
          if (name === '' || target.name === '') return errno.busy;
          if (target.node === node) return errno.success;
          const refused = refusalToReplace(node, target);
          if (refused !== undefined) return refused;
          const put = made(target, node);
          if (put === errno.success) parent.entries.delete(name);
          return put;
        });
      }),
    path_unlink_file: (fd: number, path: number, length: number) =>
      inFolder(fd, path, length, ({ parent, name, node }) => {
        if (node?.kind !== 'file') return node ? errno.isdir : errno.noent;
        parent.entries.delete(name);
        return errno.success;
      }),
  };
}

/** Why `node` cannot take the place a path leads to; undefined where it can. */
function refusalToReplace(node: Node, { parent, node: there }: Found): number | undefined {
  if (node.kind === 'folder' && isWithin(parent, node)) return errno.inval;
  if (!there) return undefined;
  if (node.kind === 'file') return there.kind === 'folder' ? errno.isdir : undefined;
  if (there.kind === 'file') return errno.notdir;
  return there.entries.size > 0 ? errno.notempty : undefined;
}

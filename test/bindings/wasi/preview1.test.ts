import { expect, it } from 'vitest';
import { errno } from '../../../src/bindings/wasi/descriptors.ts';
import { filesOf, treeOf } from '../../../src/bindings/wasi/files.ts';
import { type Layout, layouts } from '../../../src/bindings/wasi/layout.ts';
import { wasiHost } from '../../../src/bindings/wasi/preview1.ts';

const firstFree = 5;

/** Calls the functions as a guest does, whose memory is at hand. Paths stand at 1000 and at 2000, results at 0. */
function guest(files: Readonly<Record<string, string>> = {}, layout: Layout = layouts.wasi_snapshot_preview1) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = new Uint8Array(memory.buffer);
  const root = treeOf(files);
  const { functions } = wasiHost({ args: [], env: {}, stdin: new Uint8Array(), root, layout }, () => memory as never);
  const call = (name: string, ...args: unknown[]) => (functions[name] as (...args: unknown[]) => unknown)(...args);
  const put = (at: number, text: string): [number, number] => {
    bytes.set(Buffer.from(text), at);
    return [at, text.length];
  };
  return {
    bytes,
    view: new DataView(memory.buffer),
    call,
    path: (name: string, path: string, ...more: unknown[]) => call(name, 3, ...put(1000, path), ...more),
    statOf: (path: string) => call('path_filestat_get', 3, 0, ...put(1000, path), 0),
    rename: (from: string, to: string) => call('path_rename', 3, ...put(1000, from), 3, ...put(2000, to)),
    open: (path: string, how = 0) => call('path_open', 3, 0, ...put(1000, path), how, -1n, -1n, 0, 0),
    /** One vector of 8 bytes at 500. */
    vector: () => {
      new DataView(memory.buffer).setUint32(400, 500, true);
      new DataView(memory.buffer).setUint32(404, 8, true);
      return [400, 1] as const;
    },
    files: () =>
      Object.fromEntries(Object.entries(filesOf(root)).map(([path, one]) => [path, Buffer.from(one).toString()])),
  };
}

it('an offset or length with its highest bit set finds nothing to read and no room to write', () => {
  const { call, open, vector, files, view } = guest({ a: '0123456789' });
  open('a');
  expect(call('fd_pread', firstFree, ...vector(), -5n, 0)).toBe(errno.success);
  expect(view.getUint32(0, true)).toBe(0);
  expect(call('fd_pwrite', firstFree, ...vector(), -5n, 0)).toBe(errno.nospc);
  expect(call('fd_filestat_set_size', firstFree, -1n)).toBe(errno.nospc);
  expect(call('fd_allocate', firstFree, -1n, 4n)).toBe(errno.nospc);
  expect(call('fd_seek', firstFree, -11n, 2, 0)).toBe(errno.inval);
  expect(call('fd_seek', firstFree, 0n, 7, 0)).toBe(errno.inval);
  expect(files()).toEqual({ '/a': '0123456789' });
});

it('a file that is given its own number stays open', () => {
  const { call, open, vector } = guest({ a: 'x' });
  open('a');
  expect(call('fd_renumber', firstFree, firstFree)).toBe(errno.success);
  expect(call('fd_read', firstFree, ...vector(), 0)).toBe(errno.success);
});

it('no folder is moved into itself, none takes the place of a full one, and the root stays', () => {
  const { rename, path, files } = guest({ 'a/b/c': '1', 'd/e': '2', f: '3', g: '4' });
  expect(rename('a', 'a/b/z')).toBe(errno.inval);
  expect(rename('/', 'a/z')).toBe(errno.busy);
  expect(rename('a', 'd')).toBe(errno.notempty);
  expect(rename('a', 'f')).toBe(errno.notdir);
  expect(rename('f', 'd')).toBe(errno.isdir);
  expect(rename('a', 'a')).toBe(errno.success);
  expect(rename('f', 'g')).toBe(errno.success);
  expect(rename('a/b', 'd/b')).toBe(errno.success);
  expect(path('path_remove_directory', 'a')).toBe(errno.success);
  expect(path('path_remove_directory', '.')).toBe(errno.busy);
  expect(files()).toEqual({ '/d/e': '2', '/d/b/c': '1', '/g': '3' });
});

it.each([
  ['wasi_snapshot_preview1', 64, 32],
  ['wasi_unstable', 56, 24],
] as const)('the size of a file stands where %s has it, and nothing is written behind it', (name, end, size) => {
  const { bytes, view, statOf } = guest({ a: 'twelve bytes' }, layouts[name]);
  bytes.fill(0xff, 0, 100);
  expect(statOf('a')).toBe(errno.success);
  expect(view.getBigUint64(size, true)).toBe(12n);
  expect([...bytes.subarray(end - 1, end + 2)]).toEqual([0, 0xff, 0xff]);
});

it.each([
  ['wasi_snapshot_preview1', 48, 24],
  ['wasi_unstable', 56, 32],
] as const)('of two clocks of %s the one that is due is told, and the other is not', (name, bytes, timeout) => {
  const { call, view } = guest({}, layouts[name]);
  [10_000_000_000n, 1_000_000n].forEach((ns, index) => {
    const at = 3000 + bytes * index;
    view.setBigUint64(at, BigInt(index + 7), true);
    view.setUint32(at + timeout - 8, 1, true);
    view.setBigUint64(at + timeout, ns, true);
  });
  expect(call('poll_oneoff', 3000, 4000, 2, 0)).toBe(errno.success);
  expect([view.getUint32(0, true), view.getBigUint64(4000, true)]).toEqual([1, 8n]);
});

it('a guest finds the root open by two names, and its streams are no terminals', () => {
  const { call, view, bytes } = guest();
  const names = [3, 4, 5].map((fd) => {
    if (call('fd_prestat_get', fd, 0) !== errno.success) return undefined;
    call('fd_prestat_dir_name', fd, 100, view.getUint32(4, true));
    return Buffer.from(bytes.subarray(100, 100 + view.getUint32(4, true))).toString();
  });
  expect(names).toEqual(['/', '.', undefined]);
  expect(call('fd_fdstat_get', 1, 0)).toBe(errno.success);
  expect(bytes[0]).not.toBe(2);
});

it('a guest opens a thousand files and no million, and what it makes takes room though it is empty', () => {
  const create = 1;
  const { call, open, path } = guest();
  let opened = 0;
  while (open(`f${opened % 3}`, create) === errno.success) opened++;
  expect(opened).toBe(1024 - firstFree);
  expect(open('f0')).toBe(errno.nfile);
  expect(call('fd_close', firstFree)).toBe(errno.success);
  expect(open('f0')).toBe(errno.success);
  let made = 0;
  while (path('path_create_directory', `folder ${made}`) === errno.success) made++;
  expect(path('path_create_directory', `folder ${made}`)).toBe(errno.nospc);
  expect(made).toBeGreaterThan(10_000);
  expect(path('path_create_directory', 'n'.repeat(256))).toBe(errno.nametoolong);
});

it('what is asked for as a link is told to be none', () => {
  const { path } = guest({ a: '' });
  expect([path('path_readlink', 'a', 0, 0, 0), path('path_readlink', 'b', 0, 0, 0)]).toEqual([
    errno.inval,
    errno.noent,
  ]);
});

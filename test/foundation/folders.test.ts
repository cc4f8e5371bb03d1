import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/foundation/folders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('a folder is made with those above it, and one that is there is left', () => {
  const root = temporaryFolder();
  const deep = join(root, 'a', 'b c', 'ü');
  makeFolder(deep);
  makeFolder(deep);
  makeFolder(`${deep}/`);
  expect(statSync(deep).isDirectory()).toBe(true);
});

it('a link to a folder is one', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'there'));
  symlinkSync(join(root, 'there'), join(root, 'link'));
  makeFolder(join(root, 'link'));
  makeFolder(join(root, 'link', 'below'));
  expect(statSync(join(root, 'there', 'below')).isDirectory()).toBe(true);
});

it('what stands in the way is said, whether a file or a link that leads nowhere', () => {
  const root = temporaryFolder();
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  expect(() => makeFolder(join(root, 'file'))).toThrow(/EEXIST/);
  expect(() => makeFolder(join(root, 'file', 'below'))).toThrow(/ENOTDIR/);
  expect(() => makeFolder(join(root, 'dangling'))).toThrow(/EEXIST/);
});

it.skipIf(process.platform !== 'linux')('a file system that makes no folders refuses, and holds nobody up', () => {
  expect(() => makeFolder('/proc/sandtune')).toThrow(/ENOENT/);
  expect(() => makeFolder('/proc/sandtune/a/b')).toThrow(/ENOENT/);
  expect(() => makeFolder('/sys/sandtune')).toThrow(/EPERM|EROFS|EACCES|ENOENT/);
});

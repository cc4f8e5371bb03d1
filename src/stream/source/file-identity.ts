/**
 * What a file is recognised by: its inode, and a hash of its beginning. Its device is told and not compared: the number
 * of one and the same file system is another one after it was mounted again.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { SandtuneError } from '../../foundation/errors.ts';
import type { SourceIdentity } from '../contracts.ts';

/** The way out of what a restart refuses. */
export const beginsAnew = "recovery: 'from-beginning' begins anew";

const mostPrefixBytes = 65_536;

/** @param prefixBytes of the beginning that is hashed @defaultValue 64 KiB, or what there is */
export async function fileIdentity(handle: FileHandle, prefixBytes = mostPrefixBytes): Promise<SourceIdentity> {
  const { dev, ino, size } = await handle.stat({ bigint: true });
  const prefix = Buffer.alloc(Math.min(prefixBytes, Number(size)));
  let read = 0;
  while (read < prefix.length) {
    const { bytesRead } = await handle.read(prefix, read, prefix.length - read, read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return Object.freeze({
    kind: 'file',
    device: String(dev),
    inode: String(ino),
    sizeBytes: Number(size),
    prefixHash: createHash('sha256').update(prefix.subarray(0, read)).digest('hex'),
    prefixBytes: read,
  });
}

/**
 * Checks that a file is the one that it was, and has at least what was read of it, or written to it.
 * @throws {SandtuneError} ERR_SANDTUNE_SOURCE
 */
export async function checkSameFile(
  path: string,
  handle: FileHandle,
  expected: SourceIdentity,
  atBytes: number,
  was: 'read' | 'written',
): Promise<void> {
  const now = await fileIdentity(handle, expected.prefixBytes);
  const refuse = (what: string, got: string) => {
    throw new SandtuneError('ERR_SANDTUNE_SOURCE', `${path}: expected ${what}, got ${got}; ${beginsAnew}`);
  };
  if (now.inode !== expected.inode)
    refuse(
      `the file that was ${was} before (device ${expected.device}, inode ${expected.inode})`,
      `another in its place (device ${now.device}, inode ${now.inode})`,
    );
  if ((now.sizeBytes ?? 0) < atBytes)
    refuse(`at least the ${atBytes} bytes that were ${was} before`, `${now.sizeBytes}`);
  if (now.prefixBytes !== expected.prefixBytes || now.prefixHash !== expected.prefixHash)
    refuse(`the beginning that it had before (${expected.prefixBytes} bytes)`, 'another one: it was written anew');
}

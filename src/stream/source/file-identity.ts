/**
 * What a file is recognised by: its inode, a hash of its beginning, and one of the 64 KiB before the position up to
 * which it was read, or written. So one that was replaced, begun anew or cut is found, and one in which anything was put
 * in or taken out before the position, which moves those bytes. Not found is what leaves both as they were: bytes that
 * were overwritten between them with as many others, and, where what stands before the position repeats itself (one
 * line, again and again), whole repetitions that came or went further up. Only a hash of all that was read would find
 * these, and reading all of it at each start. Its device is told and not compared: the number of one and the same file
 * system is another one after it was mounted again.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { SandtuneError } from '../../foundation/errors.ts';
import type { SourceIdentity } from './source-identity.ts';

/** The way out of what a restart refuses. */
export const beginsAnew = "recovery: 'from-beginning' begins anew";

const mostPrefixBytes = 65_536;

/** @param prefixBytes of the beginning that is hashed @defaultValue 64 KiB, or what there is */
export async function fileIdentity(handle: FileHandle, prefixBytes = mostPrefixBytes): Promise<SourceIdentity> {
  const { dev, ino, size } = await handle.stat({ bigint: true });
  const prefix = await hashed(handle, 0, Math.min(prefixBytes, Number(size)));
  return Object.freeze({
    kind: 'file',
    device: String(dev),
    inode: String(ino),
    sizeBytes: Number(size),
    prefixHash: prefix.hash,
    prefixBytes: prefix.bytes,
  });
}

/** The same with what stands before a position. */
export async function identityBefore(
  handle: FileHandle,
  identity: SourceIdentity,
  atBytes: number,
): Promise<SourceIdentity> {
  const from = Math.max(0, atBytes - mostPrefixBytes);
  const tail = await hashed(handle, from, atBytes - from);
  return Object.freeze({ ...identity, tailHash: tail.hash, tailBytes: tail.bytes });
}

/** Of so many bytes, or of fewer where it ends before. */
async function hashed(handle: FileHandle, from: number, most: number): Promise<{ hash: string; bytes: number }> {
  const buffer = Buffer.alloc(most);
  let bytes = 0;
  while (bytes < most) {
    const { bytesRead } = await handle.read(buffer, bytes, most - bytes, from + bytes);
    if (bytesRead === 0) break;
    bytes += bytesRead;
  }
  return { hash: createHash('sha256').update(buffer.subarray(0, bytes)).digest('hex'), bytes };
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
  if (expected.tailHash === undefined || (await identityBefore(handle, now, atBytes)).tailHash === expected.tailHash)
    return;
  refuse(`the ${expected.tailBytes} bytes before byte ${atBytes} that were ${was} before`, 'others: it was changed');
}

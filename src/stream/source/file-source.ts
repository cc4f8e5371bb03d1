/**
 * A file as a source of bytes, up to its end at the time of reading. It may grow meanwhile; one that shrinks
 * below what it had when it was opened ends the run with an error, as does a start on another file, or on one that was
 * changed before the position: see file-identity.ts for what is recognised.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { messageOf, SandtuneError } from '../../foundation/errors.ts';
import { isFileUrl } from '../../foundation/foreign-values.ts';
import { checkInteger, checkKeys, checkPath } from '../../foundation/options.ts';
import type { OpenSource, OpenSourceOptions, PartitionPosition, Source } from '../contracts.ts';
import { checkSameFile, fileIdentity, identityBefore } from './file-identity.ts';
import type { SourceIdentity } from './source-identity.ts';

export interface FileSourceOptions {
  /** Bytes that are read at once, 1 KiB to 64 MiB. @defaultValue 256 KiB */
  readonly pieceBytes?: number;
}

/**
 * A source that reads a file in pieces, from the position of the last checkpoint on.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function fileSource(file: string | URL, options: FileSourceOptions = {}): Source {
  const path = isFileUrl(file) ? fileURLToPath(file) : checkPath('fileSource()', file);
  checkKeys('fileSource()', options, ['pieceBytes']);
  const pieceBytes = checkInteger('pieceBytes', options.pieceBytes ?? 256 * 1024, { min: 1024, max: 64 * 2 ** 20 });
  return Object.freeze({
    name: path,
    open: async (given: OpenSourceOptions): Promise<OpenSource> => {
      const handle = await opened(path);
      try {
        const expected = given.expected?.find(({ partition }) => partition === '0')?.identity;
        const identity = await fileIdentity(handle);
        return {
          partitions: [
            {
              partition: '0',
              identity,
              gives: 'bytes',
              canSeek: true,
              // What cannot be read now is told where it is read.
              identityAt: ({ at }) => identityBefore(handle, identity, at).catch(() => identity),
              read: (from: PartitionPosition) => piecesOf({ path, handle, pieceBytes, identity, expected }, from),
            },
          ],
          close: () => handle.close(),
        };
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
  });
}

interface Reading {
  readonly path: string;
  readonly handle: FileHandle;
  readonly pieceBytes: number;
  readonly identity: SourceIdentity;
  readonly expected: SourceIdentity | null | undefined;
}

async function* piecesOf(reading: Reading, from: PartitionPosition): AsyncGenerator<Uint8Array> {
  const { path, handle, pieceBytes, identity, expected } = reading;
  if (expected) await checkSameFile(path, handle, expected, from.at, 'read');
  let at = from.at;
  for (;;) {
    // A record is a part of its piece and is held until it is acknowledged, so each piece has memory of its own.
    const piece = new Uint8Array(new ArrayBuffer(pieceBytes));
    const bytesRead = await readAt(reading, piece, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    yield bytesRead === pieceBytes ? piece : piece.subarray(0, bytesRead);
  }
  if (at >= (identity.sizeBytes ?? 0)) return;
  const message = `${path}: expected the ${identity.sizeBytes} bytes that it had when it was opened, got ${at}: it shrank`;
  throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
}

/** @throws {SandtuneError} ERR_SANDTUNE_SOURCE with the place at which the disk gave nothing */
async function readAt({ path, handle }: Reading, piece: Uint8Array, at: number): Promise<number> {
  try {
    return (await handle.read(piece, 0, piece.length, at)).bytesRead;
  } catch (cause) {
    const message = `${path}: expected to be read from byte ${at}, got: ${messageOf(cause)}`;
    throw new SandtuneError('ERR_SANDTUNE_SOURCE', message, { cause });
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    const message = `${path}: expected a file that can be read, got: ${messageOf(cause)}`;
    throw new SandtuneError('ERR_SANDTUNE_SOURCE', message, { cause });
  }
}

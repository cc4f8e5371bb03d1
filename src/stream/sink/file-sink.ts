/**
 * A file as a sink. A record is acknowledged when it was written; `flush()` makes it durable, and says how
 * long the file is then. A restart cuts the file back to that length, so that what was written behind the
 * last checkpoint is not there twice. What a first start replaces stays until it writes: one that ends before has
 * changed nothing.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, SandtuneError } from '../../foundation/errors.ts';
import { isFileUrl } from '../../foundation/foreign-values.ts';
import { checkBoolean, checkKeys, checkPath } from '../../foundation/options.ts';
import { BufferPool } from '../buffer-pool.ts';
import type { Ack, Framing, OpenSink, OpenSinkOptions, OutputRecord, Sink, SinkPosition } from '../contracts.ts';
import { beginsAnew, checkSameFile, fileIdentity } from '../source/file-identity.ts';
import { framedRounds } from './framed-rounds.ts';

export interface FileSinkOptions {
  /** @defaultValue that of the processor */
  readonly framing?: Framing;
  /** A first start may replace what a file has. @defaultValue false: it refuses one that is not empty */
  readonly overwrite?: boolean;
}

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function fileSink(file: string | URL, options: FileSinkOptions = {}): Sink {
  const path = isFileUrl(file) ? fileURLToPath(file) : checkPath('fileSink()', file);
  checkKeys('fileSink()', options, ['framing', 'overwrite']);
  const overwrite = checkBoolean('overwrite', options.overwrite ?? false);
  return Object.freeze({
    name: path,
    undoes: 'truncate',
    open: async (given: OpenSinkOptions) => {
      const handle = await opened(path, given.from !== undefined);
      try {
        const start = await startOf(path, handle, given.from, overwrite);
        return new OpenFileSink(path, handle, options.framing ?? given.framing, given.signal, start);
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
  });
}

/** Of all files of this thread: what is written small is copied together here first. At most 4.5 MiB. */
const buffers = new BufferPool({ counts: [0, 8, 4] });

interface FileStart {
  /** Bytes that are there and stay. */
  readonly bytes: number;
  /** What stands behind them is cut off with the first write. */
  readonly isLonger: boolean;
}

/** Where the output of this run begins; a restart cuts the file back. @throws {SandtuneError} ERR_SANDTUNE_SINK */
async function startOf(
  path: string,
  handle: FileHandle,
  from: SinkPosition | undefined,
  overwrite: boolean,
): Promise<FileStart> {
  const { size } = await handle.stat();
  if (from?.kind === 'file') {
    const { durableBytes, identity } = from;
    // The beginning was hashed when the file was shorter, or empty: the length is checked on its own.
    try {
      await checkSameFile(path, handle, identity, durableBytes, 'written');
    } catch (error) {
      throw sinkError(`${messageOf(error)}, in an empty file or with overwrite: true`, error);
    }
    await handle.truncate(durableBytes);
    return { bytes: durableBytes, isLonger: false };
  }
  if (size > 0 && !overwrite)
    throw sinkError(`${path}: expected a new or an empty file, or overwrite: true, got one of ${size} bytes`);
  return { bytes: 0, isLonger: size > 0 };
}

class OpenFileSink implements OpenSink {
  readonly borrows = true;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #framing: Framing | undefined;
  readonly #signal: AbortSignal;
  #bytes: number;
  #isLonger: boolean;
  #durable: SinkPosition | undefined;

  constructor(path: string, handle: FileHandle, framing: Framing | undefined, signal: AbortSignal, start: FileStart) {
    const { bytes, isLonger } = start;
    this.#path = path;
    this.#handle = handle;
    this.#framing = framing;
    this.#signal = signal;
    this.#bytes = bytes;
    this.#isLonger = isLonger;
  }

  async write(records: readonly OutputRecord[], ack: Ack): Promise<void> {
    const rounds = { pool: buffers, tenant: this.#path, signal: this.#signal };
    for await (const parts of framedRounds(records, this.#framing, rounds)) await this.#written(parts);
    for (const record of records) ack(record);
  }

  async #written(given: readonly Uint8Array[]): Promise<void> {
    let parts = given;
    try {
      await this.#cut();
      while (parts.length > 0) {
        const { bytesWritten } = await this.#handle.writev(parts.slice(0, 512), this.#bytes);
        this.#bytes += bytesWritten;
        parts = behind(parts, bytesWritten);
      }
    } catch (cause) {
      throw sinkError(`${this.#path}: expected to be written, got: ${messageOf(cause)}`, cause);
    }
  }

  async flush(): Promise<SinkPosition> {
    if (this.#durable?.kind === 'file' && this.#durable.durableBytes === this.#bytes) return this.#durable;
    const durableBytes = this.#bytes;
    try {
      await this.#handle.datasync();
      // A file that was made just now is lost with its folder's entry, which has a life of its own.
      if (!this.#durable) await syncFolder(dirname(this.#path));
    } catch (cause) {
      throw sinkError(`${this.#path}: expected to be made durable, got: ${messageOf(cause)}`, cause);
    }
    this.#durable = Object.freeze({
      kind: 'file',
      durableBytes,
      identity: await fileIdentity(this.#handle, Math.min(durableBytes, 65_536)),
    });
    return this.#durable;
  }

  async close(error?: unknown): Promise<void> {
    try {
      if (error === undefined) await this.#cut();
    } finally {
      await this.#handle.close();
    }
  }

  async #cut(): Promise<void> {
    if (this.#isLonger) await this.#handle.truncate(this.#bytes);
    this.#isLonger = false;
  }
}

/** What is left of `parts` behind so many bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  let i = 0;
  for (let part = parts[0]; part && left >= part.length; part = parts[i]) {
    left -= part.length;
    i++;
  }
  const [torn, ...rest] = parts.slice(i);
  return torn ? [torn.subarray(left), ...rest] : [];
}

/** @param isRestart what an earlier run wrote is expected there, and nothing is made in its place */
async function opened(path: string, isRestart: boolean): Promise<FileHandle> {
  try {
    // Neither append, which ignores positions, nor truncation before it is known what to keep.
    return await open(path, isRestart ? constants.O_RDWR : constants.O_RDWR | constants.O_CREAT, 0o666);
  } catch (cause) {
    if (isRestart && (cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw sinkError(`${path}: expected the file that was written before, got none; ${beginsAnew}`, cause);
    throw sinkError(`${path}: expected a file that can be written, got: ${messageOf(cause)}`, cause);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function sinkError(message: string, cause?: unknown): SandtuneError {
  return new SandtuneError('ERR_SANDTUNE_SINK', message, { cause });
}

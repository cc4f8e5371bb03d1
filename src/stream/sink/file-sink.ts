/**
 * A file as a sink. A record is acknowledged when it was written; `flush()` makes it durable, and says how
 * long the file is then. A restart cuts the file back to that length, so that what was written behind the
 * last checkpoint is not there twice. What a first start replaces stays until it writes: one that ends before has
 * changed nothing. An older run of the job that wakes up changes nothing of what this one writes (output-file.ts).
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSandtuneError, messageOf } from '../../foundation/errors.ts';
import { isFileUrl } from '../../foundation/foreign-values.ts';
import { checkBoolean, checkKeys, checkPath } from '../../foundation/options.ts';
import { BufferPool } from '../buffer-pool.ts';
import type { Ack, OpenSink, OpenSinkOptions, OutputRecord, Sink, SinkPosition } from '../contracts.ts';
import type { Framing } from '../framing/framing.ts';
import { fileIdentity, identityBefore } from '../source/file-identity.ts';
import { newWriter, writerEnded } from './file-writer.ts';
import { framedRounds } from './framed-rounds.ts';
import { type OutputFile, openOutput, sinkError, syncFolderOf, whereIs } from './output-file.ts';

export interface FileSinkOptions {
  /** What stands around each record. @defaultValue that of the processor */
  readonly framing?: Framing;
  /** A first start may replace what a file has. @defaultValue false: it refuses one that is not empty */
  readonly overwrite?: boolean;
}

/**
 * A sink that appends records to a file, and with checkpoints cuts it back to the last one at a restart.
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function fileSink(file: string | URL, options: FileSinkOptions = {}): Sink {
  const path = isFileUrl(file) ? fileURLToPath(file) : checkPath('fileSink()', file);
  checkKeys('fileSink()', options, ['framing', 'overwrite']);
  const overwrite = checkBoolean('overwrite', options.overwrite ?? false);
  return Object.freeze({
    name: path,
    undoes: 'truncate',
    open: async (given: OpenSinkOptions) =>
      new OpenFileSink(path, await openOutput(path, given, overwrite), options.framing ?? given.framing, given.signal),
  });
}

/** Of all files of this thread: what is written small is copied together here first. At most 4.5 MiB. */
const buffers = new BufferPool({ counts: [0, 8, 4] });

class OpenFileSink implements OpenSink {
  readonly borrows = true;
  readonly claims = true;
  readonly files: OutputFile['files'];
  readonly #path: string;
  readonly #file: OutputFile;
  readonly #writer = newWriter();
  readonly #framing: Framing | undefined;
  readonly #signal: AbortSignal;
  #bytes: number;
  #isLonger: boolean;
  #draft: string | null;
  #durable: SinkPosition | undefined;
  #isPlaced = false;
  /** A checkpoint may name it as it is. */
  #isTold = false;
  #isReplaced = false;

  constructor(path: string, file: OutputFile, framing: Framing | undefined, signal: AbortSignal) {
    this.#path = path;
    this.#file = file;
    this.files = file.files;
    this.#framing = framing;
    this.#signal = signal;
    this.#bytes = file.bytes;
    this.#isLonger = file.isLonger;
    this.#draft = file.draft;
  }

  async write(records: readonly OutputRecord[], ack: Ack): Promise<void> {
    const rounds = { pool: buffers, tenant: this.#path, signal: this.#signal };
    for await (const parts of framedRounds(records, this.#framing, rounds)) await this.#written(parts);
    for (const record of records) ack(record);
  }

  async #written(given: readonly Uint8Array[]): Promise<void> {
    let parts = given;
    try {
      await this.#placed();
      while (parts.length > 0) {
        const { bytesWritten } = await this.#file.handle.writev(parts.slice(0, 512), this.#bytes);
        this.#bytes += bytesWritten;
        parts = behind(parts, bytesWritten);
      }
    } catch (cause) {
      if (isSandtuneError(cause)) throw cause;
      throw sinkError(`${this.#path}: expected to be written, got: ${messageOf(cause)}`, cause);
    }
  }

  async flush(): Promise<SinkPosition> {
    if (this.#durable?.kind === 'file' && this.#durable.durableBytes === this.#bytes) return this.#durable;
    const durableBytes = this.#bytes;
    try {
      await this.#file.handle.datasync();
      // A file that was made just now is lost with its folder's entry, which has a life of its own.
      if (!this.#durable) await syncFolderOf(dirname(this.#file.path));
    } catch (cause) {
      throw sinkError(`${this.#path}: expected to be made durable, got: ${messageOf(cause)}`, cause);
    }
    await this.#checkOwn();
    const { handle } = this.#file;
    const identity = await identityBefore(
      handle,
      await fileIdentity(handle, Math.min(durableBytes, 65_536)),
      durableBytes,
    );
    this.#durable = Object.freeze({
      kind: 'file',
      durableBytes,
      identity,
      writer: this.#writer,
      ...(this.#draft !== null && { draft: this.#draft }),
    });
    this.#isTold = true;
    return this.#durable;
  }

  async close(error?: unknown): Promise<void> {
    try {
      if (error === undefined) {
        await this.#placed();
        await this.#checkOwn();
        if (this.#isReplaced) throw replaced(this.#path);
      } else if (!this.#isTold && !this.#isPlaced) await this.#file.forget();
    } finally {
      await this.#file.handle.close();
      writerEnded(this.#writer);
    }
  }

  /**
   * What is written to a file that somebody has removed, or emptied meanwhile, is lost, however durable it is. Another
   * one in its place is that of a later run, which is told with the next checkpoint; where that is saved, it is not.
   * @throws {SandtuneError} ERR_SANDTUNE_SINK
   */
  async #checkOwn(): Promise<void> {
    const { handle, path } = this.#file;
    if (this.#draft === null) {
      const place = await whereIs(path, handle);
      if (place === 'gone') throw sinkError(`${this.#path}: expected it to stay where it is, it was removed or moved`);
      if (place === 'other' && this.#isReplaced) throw replaced(this.#path);
      this.#isReplaced = place === 'other';
    }
    const before = this.#durable?.kind === 'file' ? this.#durable.identity : undefined;
    if (!before) return;
    const now = await fileIdentity(handle, before.prefixBytes);
    if ((now.sizeBytes ?? 0) < this.#bytes || now.prefixHash !== before.prefixHash)
      throw sinkError(
        `${this.#path}: expected the ${this.#bytes} bytes that were written, somebody has cut or changed it`,
      );
  }

  /** In its place, and no longer than what stays. */
  async #placed(): Promise<void> {
    if (!this.#isPlaced) await this.#file.place();
    this.#isPlaced = true;
    if (this.#draft !== null) {
      this.#draft = null;
      this.#durable = undefined;
    }
    if (this.#isLonger) await this.#file.handle.truncate(this.#bytes);
    this.#isLonger = false;
  }
}

function replaced(path: string): Error {
  return sinkError(`${path}: expected it to stay where it is, another file was put in its place`);
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

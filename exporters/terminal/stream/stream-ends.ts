/**
 * What `--in` and `--out` name: a regular file, which has a length and can be read and cut anywhere, or what passes
 * once: '-', a pipe, a terminal, a device. Only into a file can a run go on that was interrupted.
 */
import { createReadStream, createWriteStream, fstatSync, type Stats, statSync } from 'node:fs';
import { messageOf } from '../../../src/foundation/errors.ts';
import { fileSink, fileSource, type Sink, type Source } from '../../../src/stream/index.ts';
import { UsageError } from '../exit-codes.ts';
import { passingSink } from './passing-sink.ts';
import { passingSource } from './passing-source.ts';

export interface StreamInput {
  readonly source: Source;
  /** Bytes that it has now; null of what passes. */
  readonly bytes: number | null;
}

export interface StreamOutput {
  readonly sink: Sink;
  /** It can be cut back, so that a run can go on behind its last checkpoint. */
  readonly isFile: boolean;
}

/** @throws {UsageError} */
export function streamInput(path: string): StreamInput {
  if (path === '-') return { source: passingSource('standard input', () => process.stdin), bytes: null };
  const found = statOf('--in', path);
  if (found === null) throw new UsageError(`--in ${path}: expected a file that can be read, got none`);
  if (found.isDirectory()) throw new UsageError(`--in ${path}: expected a file or -, got a folder`);
  if (found.isFile()) return { source: fileSource(path), bytes: found.size };
  return { source: passingSource(path, () => createReadStream(path)), bytes: null };
}

/** @param resume a file that has something is to be gone on with @throws {UsageError} */
export function streamOutput(path: string, input: string, resume: boolean): StreamOutput {
  if (path === '-') {
    if (resume) throw cannotResume(path);
    return { sink: passingSink('standard output', () => process.stdout, false), isFile: false };
  }
  const found = statOf('--out', path);
  if (found?.isDirectory()) throw new UsageError(`--out ${path}: expected a file or -, got a folder`);
  if (found && !found.isFile()) {
    if (resume) throw cannotResume(path);
    return { sink: passingSink(path, () => createWriteStream(path), true), isFile: false };
  }
  const read = input === '-' ? null : statOf('--in', input);
  if (found && read && found.dev === read.dev && found.ino === read.ino)
    throw new UsageError(`--out ${path}: expected another file than --in ${input}, got the same one`);
  if (found && found.size > 0 && !resume)
    throw new UsageError(
      `--out ${path}: expected a new or an empty file, got one of ${found.size} bytes; --resume goes on with what an earlier run of this command wrote`,
    );
  if (!found && resume)
    throw new UsageError(
      `--out ${path}: expected the file to go on with (--resume), got none; without --resume a run begins`,
    );
  return { sink: fileSink(path), isFile: true };
}

/**
 * '-' where it is what standard output already writes to, as /dev/stdout does, or a name of its file: written apart from
 * that, each would write over the other.
 * @throws {UsageError} where it is what standard error writes to, on which the progress stands, and standard output does not
 */
export function outputPath(path: string): string {
  const found = path === '-' ? null : statOf('--out', path);
  if (found === null) return path;
  if (isOpenAs(1, found)) return '-';
  if (found.isFile() && isOpenAs(2, found))
    throw new UsageError(`--out ${path}: expected another file than that of standard error, got the same one`);
  return path;
}

function isOpenAs(descriptor: number, { dev, ino }: Stats): boolean {
  try {
    const open = fstatSync(descriptor);
    return open.dev === dev && open.ino === ino;
  } catch {
    // It is closed.
    return false;
  }
}

function cannotResume(path: string): UsageError {
  return new UsageError(
    `--resume: expected an output that can be cut back to its last checkpoint, a file, got ${path}`,
  );
}

function statOf(option: string, path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw new UsageError(`${option}: expected a path, got ${messageOf(error)}`);
  }
}

/**
 * Iterables as sources: generators, Node and web streams, iterables of `node:stream/iter` (which give lists of
 * bytes). One that was begun cannot be read again; a function that gives a new one can, by passing over what
 * was read before.
 */
import { plainBytes } from '../../foundation/bytes.ts';
import { SandtuneError } from '../../foundation/errors.ts';
import { areBytes } from '../../foundation/foreign-values.ts';
import { checkKeys, checkOneOf, checkText, expected, reading } from '../../foundation/options.ts';
import type { OpenSource, PartitionPosition, Source, SourcePartition } from '../contracts.ts';

/** Bytes, text (as UTF-8), or lists of them. */
export type Piece = Uint8Array | string | readonly Uint8Array[];

export type PieceIterable = AsyncIterable<Piece> | Iterable<Piece>;

export interface IterableSourceOptions {
  /** In errors and checkpoints. @defaultValue 'iterable' */
  readonly name?: string;
  /** Whether each piece, or member of a list, is a record, or the framing is to cut them. */
  readonly gives: SourcePartition['gives'];
}

/**
 * A source of an iterable, synchronous or not, of bytes or of lists of bytes.
 * @param given an iterable, or a function that gives one from the beginning each time
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function iterableSource(given: PieceIterable | (() => PieceIterable), options: IterableSourceOptions): Source {
  checkKeys('iterableSource()', options, ['name', 'gives']);
  const gives = checkOneOf('gives', options.gives, ['bytes', 'records']);
  const name = checkText('name', options.name ?? 'iterable');
  const canSeek = typeof given === 'function';
  if (!canSeek && !isIterable(given)) throw notIterable(given);
  return Object.freeze({
    name,
    open: async (): Promise<OpenSource> => ({
      partitions: [{ partition: '0', identity: null, gives, canSeek, read: (from) => read(given, gives, name, from) }],
      close: async () => {},
    }),
  });
}

/** True for what `for await` takes, text left out: its letters are no records. */
export function isIterable(value: unknown): value is PieceIterable {
  return reading('source', 'an iterable', value, () => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
    return Symbol.asyncIterator in value || Symbol.iterator in value;
  });
}

function read(
  given: PieceIterable | (() => PieceIterable),
  gives: SourcePartition['gives'],
  name: string,
  from: PartitionPosition,
): AsyncIterable<Uint8Array> {
  const iterable = typeof given === 'function' ? given() : given;
  if (!isIterable(iterable)) throw notIterable(iterable);
  const pieces = asyncOf(iterable) as AsyncIterable<Uint8Array>;
  if (from.at === 0) return pieces;
  if (typeof given === 'function') return passedOver(pieces, gives, from.at);
  const message = `${name}: expected a source that can be read again from record ${from.offset}, got an iterable; give a function that returns one from the beginning`;
  throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
}

/** Its iterator as it is: a generator around it would cost a promise a piece. */
function asyncOf(iterable: PieceIterable): AsyncIterable<Piece> {
  if (Symbol.asyncIterator in iterable) return iterable;
  return {
    [Symbol.asyncIterator]() {
      const iterator = iterable[Symbol.iterator]();
      return {
        next: async () => iterator.next(),
        return: async () => iterator.return?.() ?? { done: true, value: undefined },
      };
    },
  };
}

/** @param at bytes, or records, of which nothing is given */
async function* passedOver(
  pieces: AsyncIterable<Uint8Array | readonly Uint8Array[] | string>,
  gives: SourcePartition['gives'],
  at: number,
): AsyncGenerator<Uint8Array> {
  let left = at;
  for await (const list of pieces) {
    for (const piece of Array.isArray(list) ? (list as readonly Uint8Array[]) : [list as Uint8Array | string]) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : areBytes(piece) ? plainBytes(piece) : piece;
      if (left === 0) yield bytes;
      else if (gives === 'records') left--;
      else if (bytes.length <= left) left -= bytes.length;
      else {
        yield bytes.subarray(left);
        left = 0;
      }
    }
  }
  if (left === 0) return;
  const message = `expected a source at least as long as before, got one that ends ${left} ${gives} before the position`;
  throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
}

function notIterable(got: unknown): SandtuneError {
  return expected('source', 'an iterable of bytes, a stream, or a source as fileSource() gives', got);
}

/** Whatever may be given as a source, as one. */
import { SandtuneError } from '../../foundation/errors.ts';
import { expected, quoted } from '../../foundation/options.ts';
import type { OpenSource, Position, Source, SourceOfPartition } from '../contracts.ts';
import type { Framing } from '../framing/framing.ts';
import { isIterable, iterableSource, type PieceIterable } from './iterable-source.ts';

/** @throws {SandtuneError} ERR_SANDTUNE_OPTION */
export function sourceOf(given: Source | PieceIterable, framing: Framing | undefined): Source {
  if (isSource(given)) return given;
  if (isIterable(given)) return iterableSource(given, { gives: framing ? 'bytes' : 'records' });
  throw expected('source', 'an iterable of bytes, a stream, or a source as fileSource() gives', given);
}

function isSource(given: unknown): given is Source {
  const { open, name } = (typeof given === 'object' && given !== null ? given : {}) as Partial<Source>;
  return typeof open === 'function' && typeof name === 'string';
}

export interface SourceStart {
  readonly framing: Framing | undefined;
  readonly signal: AbortSignal;
  /** Where a restart goes on, and what it was read from; empty at a first start. */
  readonly from: Position;
  readonly expected: readonly SourceOfPartition[];
}

/**
 * Opens it, and checks that it can give what is wanted.
 * @throws {SandtuneError} ERR_SANDTUNE_SOURCE, with the source closed again
 */
export async function openSource(
  source: Source,
  { framing, signal, from, expected }: SourceStart,
): Promise<OpenSource> {
  const opened = await source.open({ signal, ...(expected.length > 0 && { expected }) });
  const { partitions, close } = (opened ?? {}) as Partial<OpenSource>;
  if (!Array.isArray(partitions) || typeof close !== 'function') {
    const message = `${source.name}: expected open() to give { partitions, close }, got ${quoted(opened)}`;
    throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
  }
  try {
    check(source.name, opened, framing, from);
  } catch (error) {
    await opened.close();
    throw error;
  }
  return opened;
}

function check(name: string, { partitions }: OpenSource, framing: Framing | undefined, from: Position): void {
  const refuse = (what: string, got: string) => {
    throw new SandtuneError('ERR_SANDTUNE_SOURCE', `${name}: expected ${what}, got ${got}`);
  };
  const names = new Map(partitions.map((one) => [one.partition, one]));
  if (names.size !== partitions.length) refuse('partitions of different names', 'one name twice');
  if (!framing && partitions.some(({ gives }) => gives === 'bytes'))
    refuse('a framing for a source of bytes, as lines()', 'none');
  for (const { partition, offset } of from) {
    if (offset === 0) continue;
    const there = names.get(partition);
    if (!there) refuse(`partition ${partition}, which was read up to record ${offset}`, 'a source without it');
    else if (!there.canSeek)
      refuse(`partition ${partition} to be read again from record ${offset}`, 'one that cannot be');
  }
}

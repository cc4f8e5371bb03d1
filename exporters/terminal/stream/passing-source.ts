/**
 * What can be read once, as standard input and pipes, as a source. A run that goes on is given the same bytes from
 * the beginning again, and passes over those before its position; they are recognised by how they begin.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { SandtuneError } from '../../../src/foundation/errors.ts';
import type { OpenSource, Source, SourceIdentity } from '../../../src/stream/index.ts';

/** Bytes of the beginning that are hashed; of a first start those that come first. */
const mostPrefixBytes = 65_536;

/** @param read begins to read */
export function passingSource(name: string, read: () => Readable): Source {
  return {
    name,
    async open({ signal, expected }): Promise<OpenSource> {
      const readable = read();
      const end = () => void readable.destroy();
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      const pieces = readable[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      const before = expected?.find(({ partition }) => partition === '0')?.identity ?? undefined;
      const begun = await beginningOf(pieces, before?.prefixBytes ?? 1);
      const identity = identityOf(begun, before?.prefixBytes ?? mostPrefixBytes);
      if (before && before.prefixHash !== identity.prefixHash) {
        end();
        const message = `${name}: expected the same bytes as before, from the beginning, got others (the first ${before.prefixBytes} differ)`;
        throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
      }
      return {
        partitions: [
          {
            partition: '0',
            identity,
            gives: 'bytes',
            canSeek: true,
            read: ({ at }) => behind(name, begun, pieces, at),
          },
        ],
        async close() {
          signal.removeEventListener('abort', end);
          end();
        },
      };
    },
  };
}

/** Pieces of at least so many bytes together, or all there are. */
async function beginningOf(pieces: AsyncIterator<Uint8Array>, leastBytes: number): Promise<readonly Uint8Array[]> {
  const begun: Uint8Array[] = [];
  for (let bytes = 0; bytes < leastBytes; ) {
    const { done, value } = await pieces.next();
    if (done === true) break;
    begun.push(value);
    bytes += value.length;
  }
  return begun;
}

function identityOf(begun: readonly Uint8Array[], mostBytes: number): SourceIdentity {
  const prefix = Buffer.concat(begun).subarray(0, mostBytes);
  const prefixHash = createHash('sha256').update(prefix).digest('hex');
  return { kind: 'passing', prefixHash, prefixBytes: prefix.length };
}

async function* behind(
  name: string,
  begun: readonly Uint8Array[],
  pieces: AsyncIterator<Uint8Array>,
  at: number,
): AsyncGenerator<Uint8Array> {
  let left = at;
  const rest = { [Symbol.asyncIterator]: () => pieces };
  for await (const piece of inTurn(begun, rest)) {
    if (left < piece.length) yield left === 0 ? piece : piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
  if (left === 0) return;
  const message = `${name}: expected at least the ${at} bytes that were read before, got ${at - left}`;
  throw new SandtuneError('ERR_SANDTUNE_SOURCE', message);
}

async function* inTurn(first: readonly Uint8Array[], then: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* then;
}

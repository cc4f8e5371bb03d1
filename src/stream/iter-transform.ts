/**
 * A processor as a transform of `node:stream/iter` (experimental; Node 26 with `--experimental-stream-iter`):
 * `pull(source, stream.asIterTransform())`. That module is not needed for it: what it passes is iterables of lists
 * of bytes, with null where it asks for what may be held back, which nothing is.
 */
import type { PieceIterable } from './source/iterable-source.ts';

/** As `pull()` and `pipeTo()` of node:stream/iter take it. */
export interface IterTransform {
  transform(
    source: AsyncIterable<readonly Uint8Array[] | null>,
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<Uint8Array[]>;
}

export function iterTransform(
  batches: (source: PieceIterable, options: { readonly signal?: AbortSignal }) => AsyncIterable<Uint8Array[]>,
): IterTransform {
  return { transform: (source, { signal } = {}) => batches(withoutFlushes(source), signal ? { signal } : {}) };
}

/** Its own iterator: a generator around it would cost a promise a list. */
function withoutFlushes(source: AsyncIterable<readonly Uint8Array[] | null>): AsyncIterable<readonly Uint8Array[]> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      return {
        async next() {
          for (;;) {
            const { done, value } = await iterator.next();
            if (done === true) return { done, value: undefined };
            if (value !== null) return { done: false, value };
          }
        },
        async return() {
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

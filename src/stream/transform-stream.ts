/** A processor between two web streams: what is written is its source, what comes out is read. */
import type { OutputRecord } from './contracts.ts';
import type { Framing } from './framing/framing.ts';
import { framedParts } from './sink/framed.ts';

type Chunk = Uint8Array | string;

/** @param process results of an iterable of what is written */
export function transformStream(
  process: (source: AsyncIterable<Chunk>) => AsyncIterableIterator<OutputRecord, undefined, undefined>,
  framing: Framing | undefined,
): { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<Chunk> } {
  const written = new TransformStream<Chunk, Chunk>();
  const results = process(chunksOf(written.readable));
  const readable = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await results.next();
          if (done) return controller.close();
          const parts = framedParts([value], framing);
          for (const part of parts) controller.enqueue(part);
          // An empty record without a frame is nothing that a stream of bytes could carry.
          if (parts.length > 0) return;
        }
      },
      async cancel(reason) {
        await results.return?.();
        // Before anything was asked for nobody reads what is written, and nobody else would tell who writes.
        if (!written.readable.locked) await written.readable.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { readable, writable: written.writable };
}

/** As the stream's own iterator, whose `return()` would wait for a read that is under way. */
function chunksOf(readable: ReadableStream<Chunk>): AsyncIterable<Chunk> {
  return {
    [Symbol.asyncIterator]() {
      const reader = readable.getReader();
      return {
        async next() {
          const { done, value } = await reader.read();
          return done ? { done, value: undefined } : { done, value };
        },
        async return() {
          await reader.cancel();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

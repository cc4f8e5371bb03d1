/** What takes bytes and gives none back, as standard output and pipes, as a sink: nothing of it can be undone. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { messageOf, SandtuneError } from '../../../src/foundation/errors.ts';
import type { Ack, OutputRecord, Sink } from '../../../src/stream/index.ts';
import { framedParts } from '../../../src/stream/sink/framed.ts';

/** @param open begins to write @param ends the writable is closed with the run, as standard output must not be */
export function passingSink(name: string, open: () => Writable, ends: boolean): Sink {
  return {
    name,
    undoes: 'none',
    async open({ framing }) {
      const writable = open();
      // What goes wrong between two writes is told by the next one, and after the last one nobody is harmed.
      writable.on('error', () => {});
      return {
        borrows: true,
        async write(records: readonly OutputRecord[], ack: Ack) {
          await written(name, writable, framedParts(records, framing));
          for (const record of records) ack(record);
        },
        flush: async () => ({ kind: 'none' as const }),
        async close(error?: unknown) {
          if (!ends) return;
          if (error === undefined) writable.end();
          else writable.destroy();
          if (error === undefined && !writable.closed) await once(writable, 'close');
        },
      };
    },
  };
}

/** The reader is gone: `sandtune stream … | head`. */
export function isClosedPipe(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
}

/** Resolves when the system has taken all of them. */
function written(name: string, writable: Writable, parts: readonly Uint8Array[]): Promise<void> {
  const last = parts.length - 1;
  if (last < 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    parts.forEach((part, i) => {
      writable.write(part, (cause) => {
        if (cause) {
          const message = `${name}: expected to be written, got: ${messageOf(cause)}`;
          reject(new SandtuneError('ERR_SANDTUNE_SINK', message, { cause }));
        } else if (i === last) resolve();
      });
    });
  });
}

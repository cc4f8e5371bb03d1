/** A function as a sink: what it is given is acknowledged when its promise resolves. */
import { checkFunction } from '../../foundation/foreign-values.ts';
import type { Ack, OutputRecord, Sink } from '../contracts.ts';

/**
 * @param take is called with one list after the other, never before the last one was taken
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function functionSink(take: (records: readonly OutputRecord[]) => void | Promise<void>): Sink {
  checkFunction('functionSink()', take);
  return Object.freeze({
    name: 'function',
    undoes: 'none',
    open: async () => ({
      async write(records: readonly OutputRecord[], ack: Ack) {
        await take(records);
        for (const record of records) ack(record);
      },
      flush: async () => ({ kind: 'none' as const }),
      close: async () => {},
    }),
  });
}

/** A function as a sink: what it is given is acknowledged when its promise resolves. */
import { checkFunction } from '../../foundation/foreign-values.ts';
import { checkBoolean, checkKeys } from '../../foundation/options.ts';
import type { Ack, OutputRecord, Sink } from '../contracts.ts';

export interface FunctionSinkOptions {
  /** The function is done with the bytes when its promise resolves, and keeps none of them: saves a copy. @defaultValue false */
  readonly borrows?: boolean;
}

/**
 * A sink of a function: records count as delivered when its promise resolves.
 * @param take is called with one list after the other, never before the last one was taken
 * @throws {SandtuneError} ERR_SANDTUNE_OPTION
 */
export function functionSink(
  take: (records: readonly OutputRecord[]) => void | Promise<void>,
  options: FunctionSinkOptions = {},
): Sink {
  checkFunction('functionSink()', take);
  checkKeys('functionSink()', options, ['borrows']);
  const borrows = checkBoolean('borrows', options.borrows ?? false);
  return Object.freeze({
    name: 'function',
    undoes: 'none',
    open: async () => ({
      borrows,
      async write(records: readonly OutputRecord[], ack: Ack) {
        await take(records);
        for (const record of records) ack(record);
      },
      flush: async () => ({ kind: 'none' as const }),
      close: async () => {},
    }),
  });
}
